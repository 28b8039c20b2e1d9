using Midstream.Prove;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Faults;

/// <summary>Clients that ask without a pause while something goes wrong, and a count of every answer they did not get.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private const int BusyClients = 2;
    private const int NewClients = 1;

    /// <summary>The most requests that can be inside one process when it is killed: each client has one under way.</summary>
    public const int UnderWayMax = BusyClients + NewClients;

    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _flowing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<ProveReport>? _run;

    private SteadyLoad()
    {
    }

    /// <summary>Starts the load and waits until answers come.</summary>
    public static async Task<SteadyLoad> StartAsync(Uri url)
    {
        var load = new SteadyLoad();
        var options = new ProveOptions
        {
            Url = url.ToString(),
            Clients = new Dictionary<ClientKind, int>
            {
                [ClientKind.Busy] = BusyClients,
                [ClientKind.NewConnection] = NewClients,
            },
            ThinkTimes = new Dictionary<ClientKind, PauseRange>
            {
                [ClientKind.Busy] = PauseRange.Milliseconds(1, 3),
                [ClientKind.NewConnection] = PauseRange.Milliseconds(1, 3),
            },
            Duration = RunningProgram.Patience * 2,
        };
        load._run = ProveRun.RunAsync(options, new FirstAnswer(load._flowing), cancellationToken: load._end.Token);
        await Task.WhenAny(load._flowing.Task, load._run).WaitAsync(RunningProgram.Patience);
        return load;
    }

    /// <summary>Ends the load.</summary>
    /// <returns>The account of every request.</returns>
    public async Task<ProveReport> EndAsync()
    {
        await _end.CancelAsync();
        return await _run!.WaitAsync(RunningProgram.Patience);
    }

    /// <summary>Ends the load and fails the test when a request was lost.</summary>
    public async Task EndWithoutLossAsync()
    {
        var report = await EndAsync();
        Assert.True(report.NothingLost, report.ToJson());
    }

    /// <summary>Ends the load and fails the test when more was lost than was inside the one process that was killed.</summary>
    public async Task EndWithOneKilledAsync()
    {
        var report = await EndAsync();
        Assert.True(report.Lost <= UnderWayMax && report.Wrong == 0, report.ToJson());
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _run!.ContinueWith(_ => { }, TaskScheduler.Default);
        _end.Dispose();
    }

    private sealed class FirstAnswer(TaskCompletionSource flowing) : IProgress<ProveSnapshot>
    {
        public void Report(ProveSnapshot value)
        {
            if (value.Answered > 0)
                flowing.TrySetResult();
        }
    }
}
