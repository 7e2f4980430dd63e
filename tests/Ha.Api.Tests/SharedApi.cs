namespace Ha.Api.Tests;

/// <summary>One running program for those tests of a class that leave nothing behind in it.</summary>
public sealed class SharedApi : IAsyncLifetime
{
    internal ApiApplication Api { get; private set; } = null!;

    public async Task InitializeAsync() => Api = await ApiApplication.StartAsync();

    public async Task DisposeAsync() => await Api.DisposeAsync();
}
