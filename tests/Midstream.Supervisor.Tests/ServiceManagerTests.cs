// What the service manager is told, against a recorded notify socket.

using System.Diagnostics;
using System.Globalization;
using System.Net;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Systemd;

namespace Midstream.Supervisor.Tests;

public sealed class ServiceManagerTests
{
    private static readonly ListenSocket s_address = new()
    {
        Name = "http", Scheme = "http", EndPoint = new IPEndPoint(IPAddress.Loopback, 5000),
    };

    [Fact]
    public void Keep_OfASocket_SendsItWithItsName()
    {
        using var manager = new NotifySocket();
        using var socket = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, 0), 16);
        var store = new FdStore(manager.Address);

        store.Keep(s_address, socket);
        store.Forget(s_address);
        new FdStore(null).Keep(s_address, socket);

        Assert.Equal($"FDSTORE=1\nFDNAME={FdStore.NameOf(s_address)}", manager.Receive());
        Assert.Equal($"FDSTOREREMOVE=1\nFDNAME={FdStore.NameOf(s_address)}", manager.Receive());
        Assert.True(manager.IsEmpty);
        Assert.False(new FdStore("").IsReachable);
    }

    [Fact]
    public void NameOf_EveryDifference_MakesAnotherName()
    {
        ListenSocket[] all =
        [
            s_address, s_address with { Name = "web" }, s_address with { Scheme = "https" },
            s_address with { EndPoint = new IPEndPoint(IPAddress.Any, 5000) },
            s_address with { EndPoint = null, UnixPath = "/run/s" },
            s_address with { EndPoint = null, UnixPath = "/run/s", Mode = UnixFileMode.UserRead },
            s_address with { EndPoint = null, UnixPath = "/run/s", Owner = "a" },
            s_address with { Name = new string('x', 255) },
        ];

        var names = all.Select(FdStore.NameOf).ToList();

        Assert.Equal(all.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.InRange(name.Length, 1, 255));
        Assert.StartsWith("midstream.listen.http.", names[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("midstream.a:b")]
    [InlineData("midstream.a b")]
    public void Forget_NameThatIsNone_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => new FdStore(null).Forget(name));

    [Theory]
    [InlineData("30000000", null, 30.0)]
    [InlineData("30000000", "7", 30.0)]
    [InlineData("30000000", "8", null)]
    [InlineData(null, null, null)]
    [InlineData("0", null, null)]
    [InlineData("soon", null, null)]
    [InlineData("9223372036854775807", null, null)]
    public void AllowedIn_Variables_IsTheTimeForThisProcess(string? microseconds, string? pid, double? seconds) =>
        Assert.Equal(seconds, Watchdog.AllowedIn(
            name => name == "WATCHDOG_USEC" ? microseconds : name == "WATCHDOG_PID" ? pid : null, 7)?.TotalSeconds);

    [Fact]
    public async Task Watchdog_WhileAllAnswers_GivesSignsAndStopsWhenSomethingHangs()
    {
        using var poller = new FdPoller();
        using var manager = new NotifySocket();
        using var stopping = new CancellationTokenSource();
        var signs = 0;
        var hangs = new TaskCompletionSource();
        var watchdog = new Watchdog(
            poller,
            async token =>
            {
                if (Interlocked.Increment(ref signs) <= 3)
                    return;
                hangs.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            },
            manager.Address,
            TimeProvider.System);

        var run = watchdog.RunAsync(TimeSpan.FromMilliseconds(20), stopping.Token);
        await hangs.Task.WaitAsync(Scene.Patience);

        for (var i = 0; i < 3; i++)
            Assert.Equal("WATCHDOG=1", manager.Receive());
        Assert.True(manager.IsEmpty);
        await stopping.CancelAsync();
        await run.WaitAsync(Scene.Patience);
        Assert.True(manager.IsEmpty);
    }

    [Fact]
    public async Task Watchdog_WithoutAService_ReturnsAtOnceAndWithADeadManagerGoesOn()
    {
        using var poller = new FdPoller();
        await new Watchdog(poller, null, null, TimeProvider.System).RunAsync(null, default).WaitAsync(Scene.Patience);
        using var stopping = new CancellationTokenSource();
        var signs = new SemaphoreSlim(0);
        var watchdog = new Watchdog(
            poller, _ => Task.FromResult(signs.Release()), "@midstream/nobody/here", TimeProvider.System);

        var run = watchdog.RunAsync(TimeSpan.FromMilliseconds(10), stopping.Token);
        for (var i = 0; i < 3; i++)
            Assert.True(await signs.WaitAsync(Scene.Patience));

        Assert.False(run.IsCompleted);
        await stopping.CancelAsync();
        await run.WaitAsync(Scene.Patience);
    }

    [Fact]
    public void Begin_SeveralReloads_AreOneThatEndsWithTheLast()
    {
        using var manager = new NotifySocket();
        var notice = new ReloadNotice(manager.Address);
        var before = Microseconds();

        var first = notice.Begin();
        var second = notice.Begin();
        first.Dispose();
        first.Dispose();
        var stamps = new[] { manager.Receive(), manager.Receive() };
        Assert.True(manager.IsEmpty);
        second.Dispose();

        Assert.Equal("READY=1", manager.Receive());
        foreach (var stamp in stamps)
        {
            Assert.StartsWith("RELOADING=1\nMONOTONIC_USEC=", stamp, StringComparison.Ordinal);
            var at = long.Parse(stamp.Split("USEC=")[1], CultureInfo.InvariantCulture);
            Assert.InRange(at, before, Microseconds());
        }
    }

    [Fact]
    public void Begin_WithAManagerThatIsGone_ChangesNothing() => new ReloadNotice("@midstream/nobody/here").Begin().Dispose();

    private static long Microseconds() => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
}
