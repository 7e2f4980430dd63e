using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using Ha.Lab.Hosts;

namespace Ha.Lab.Probing;

/// <summary>The running probe on the client: a new connection to the virtual address every few milliseconds.</summary>
public sealed unsafe class Probe : IDisposable
{
    /// <summary>Pace of the probe when nothing else is said.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(5);

    private readonly Process _process;
    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly ProbeHeader* _header;
    private readonly ProbeRecord* _records;
    private bool _disposed;

    /// <summary>Starts asking from the lab's client.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="interval">Pace; null: <see cref="DefaultInterval"/>.</param>
    /// <param name="duration">It ends by itself after this time; null: 10 minutes.</param>
    /// <param name="timeoutMs">When an answer is too late to count.</param>
    public Probe(Laboratory lab, TimeSpan? interval = null, TimeSpan? duration = null, int timeoutMs = 200)
    {
        var pace = interval ?? DefaultInterval;
        var capacity = (long)((duration ?? TimeSpan.FromMinutes(10)) / pace) + 1;
        _path = Path.Combine(lab.Folder, $"probe-{Guid.NewGuid():N}");
        using (var made = File.Create(_path))
        {
            made.SetLength(sizeof(ProbeHeader) + capacity * sizeof(ProbeRecord));
        }
        _file = MemoryMappedFile.CreateFromFile(_path, FileMode.Open);
        _view = _file.CreateViewAccessor();
        byte* memory = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref memory);
        _header = (ProbeHeader*)memory;
        _records = (ProbeRecord*)(memory + sizeof(ProbeHeader));
        _process = lab.Client.Start(Command.Self("probe", Laboratory.VirtualAddress, "80",
            ((long)pace.TotalMicroseconds).ToString(), timeoutMs.ToString(), capacity.ToString(), _path));
        LabClock.WaitUntil(() => Count > 0, TimeSpan.FromSeconds(60), () => "the probe does not start");
    }

    /// <summary>Requests ended so far.</summary>
    public long Count => Volatile.Read(ref _header->Count);

    /// <summary>When the service last answered; 0: never.</summary>
    public long LastAnswer => Volatile.Read(ref _header->LastAnswer);

    /// <summary>When a request last failed; 0: never.</summary>
    public long LastFailure => Volatile.Read(ref _header->LastFailure);

    /// <summary>Which node answered last; empty: none yet.</summary>
    public string LastNode => _header->LastNode == 0 ? "" : "s" + _header->LastNode;

    /// <summary>Everything recorded so far.</summary>
    public ProbeRecording Recording
    {
        get
        {
            var count = Count;
            var records = new ProbeRecord[count];
            for (long i = 0; i < count; i++)
            {
                records[i] = _records[i];
            }
            return new ProbeRecording(records);
        }
    }

    /// <summary>
    /// Holes between answers of at least this length that ended after an instant. Reads only what is newer.
    /// </summary>
    public IReadOnlyList<Outage> OutagesSince(long from, double leastMs)
    {
        var found = new List<Outage>();
        long later = 0;
        for (var i = Count - 1; i >= 0; i--)
        {
            if (!_records[i].IsAnswered)
            {
                continue;
            }
            if (later != 0 && LabClock.Milliseconds(_records[i].End, later) >= leastMs)
            {
                found.Insert(0, new Outage(_records[i].End, later));
            }
            later = _records[i].End;
            if (later <= from)
            {
                break;
            }
        }
        return found;
    }

    /// <summary>Waits until this node serves: its answers come, and for a while nothing failed.</summary>
    public void WaitUntilServedBy(LabHost node, TimeSpan limit, TimeSpan? calm = null)
    {
        var quiet = (long)((calm ?? TimeSpan.FromMilliseconds(300)).TotalMilliseconds * 1e6);
        LabClock.WaitUntil(
            () => LastNode == node.Name && LabClock.Now - LastFailure > quiet && LabClock.Now - LastAnswer < quiet,
            limit,
            () => $"the service is not answered by {node.Name}: last answer by '{LastNode}' " +
                $"{LabClock.Milliseconds(LastAnswer, LabClock.Now):0} ms ago, last failure " +
                $"{LabClock.Milliseconds(LastFailure, LabClock.Now):0} ms ago");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        _header->Stop = 1;
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20)))
        {
            _process.Kill();
        }
        _process.Dispose();
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }
}
