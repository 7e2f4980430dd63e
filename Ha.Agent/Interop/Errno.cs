using System.Runtime.InteropServices;

namespace Ha.Agent.Interop;

/// <summary>Linux error numbers that decide something here, and their words for operators.</summary>
internal static class Errno
{
    public const int None = 0;
    public const int OperationNotPermitted = 1;
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int NoDeviceAddress = 6;
    public const int NotExecutable = 8;
    public const int BadDescriptor = 9;
    public const int NoChild = 10;
    public const int TryAgain = 11;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int NoDevice = 19;
    public const int InvalidArgument = 22;
    public const int TextFileBusy = 26;
    public const int NotSupported = 95;
    public const int AddressNotAvailable = 99;
    public const int NetworkDown = 100;
    public const int NetworkUnreachable = 101;
    public const int NoBufferSpace = 105;
    public const int TimedOut = 110;
    public const int HostDown = 112;
    public const int HostUnreachable = 113;

    /// <summary><c>No such device (errno 19)</c>.</summary>
    public static string Text(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
