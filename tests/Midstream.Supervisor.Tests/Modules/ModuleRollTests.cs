// A change of modules over several workers: all move or none. The workers are the test's own and keep a record.

using System.Collections.Concurrent;
using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Core.Modules;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;
using Midstream.TestKit;

namespace Midstream.Supervisor.Tests.Modules;

public sealed class ModuleRollTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _record = [];
    private readonly List<Complaint> _complaints = [];
    private readonly ServiceSituation _situation;
    private readonly ModuleShelf _shelf;
    private readonly ModuleRoll _roll;
    private readonly Operation _operation = new("module-deploy", Operator.Midstream, onPhase: null, TimeProvider.System);
    private readonly ModuleWorker[] _workers;

    public ModuleRollTests()
    {
        Directory.CreateDirectory(_folder.In("modules/old"));
        Directory.CreateDirectory(_folder.In("modules/new"));
        _shelf = new ModuleShelf(_folder.In("modules.json"), _folder.In("modules"));
        _shelf.Write(SetOf("old"));
        _situation = new ServiceSituation(new StateFile(_folder.In("state.json")), ServiceState.Initial("tested"));
        var settings = new ServiceSettings(new ServiceModel { Name = "tested", Listen = [] });
        var probation = new ModuleProbation(
            new Probation(settings, new NoClients(), TimeProvider.System), TimeProvider.System);
        _roll = new ModuleRoll(_shelf, _situation, settings, probation, _complaints.Add, new RecordingObserver());
        _workers = [.. Enumerable.Range(1, 3).Select(slot => new ModuleWorker(slot, "old", _record))];
        foreach (var worker in _workers)
            _situation.Pool.Put(worker.Worker);
    }

    [Fact]
    public async Task Run_WhenAllCan_MovesNoneBeforeTheLastHasPrepared()
    {
        var outcome = await RunAsync("new");

        Assert.Null(outcome.Failure);
        Assert.Equal(["1 prepare", "2 prepare", "3 prepare"], _record.Take(3));
        Assert.Equal(["1 move", "2 move", "3 move"], _record.Skip(3).Take(3).Order());
        Assert.All(_workers, worker => Assert.Equal("new", worker.Package));
        Assert.Equal("new", OnDisk());
    }

    [Fact]
    public async Task Run_WhenTheLastCannotPrepare_MovesNoneAndGivesUpTheOthers()
    {
        _workers[2].PrepareFault = "It throws.";

        var outcome = await RunAsync("new");

        Assert.Equal(
            (DeploymentFailure.ModuleRefused, "Worker g1.3: It throws.", false),
            (outcome.Failure!.Failure, outcome.Failure.Message, outcome.HasGoneBack));
        Assert.Equal(
            ["1 prepare", "2 prepare", "3 prepare", "1 abandon", "2 abandon", "3 abandon"], InOrder());
        Assert.Equal("old", OnDisk());
    }

    [Fact]
    public async Task Run_WhenTheSetCannotBeWritten_MovesNone()
    {
        File.Delete(_folder.In("modules.json"));
        Directory.CreateDirectory(_folder.In("modules.json/in-the-way"));

        var outcome = await RunAsync("new");

        Assert.Equal(DeploymentFailure.StateNotWritten, outcome.Failure!.Failure);
        Assert.DoesNotContain(_record, line => line.EndsWith("move", StringComparison.Ordinal));
        Assert.Equal("old", _shelf.Set.Modules["m"].Package);
    }

    [Fact]
    public async Task Run_WhenOneCannotMove_TakesTheOthersBack()
    {
        _workers[1].MoveFault = "The state was not handed over.";

        var outcome = await RunAsync("new");

        Assert.Equal(
            (DeploymentFailure.ModuleNotMoved, true), (outcome.Failure!.Failure, outcome.HasGoneBack));
        Assert.All(_workers, worker => Assert.Equal("old", worker.Package));
        Assert.Equal("old", OnDisk());
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task Run_WhenOneDiesOverTheMove_TakesTheOthersBackAndLooksForTheDeadNoMore()
    {
        _workers[1].DiesOverTheMove = true;

        var outcome = await RunAsync("new");

        Assert.True(outcome.HasGoneBack);
        Assert.Equal(["old", "old"], new[] { _workers[0].Package, _workers[2].Package });
        Assert.Equal("old", OnDisk());
    }

    [Fact]
    public async Task Run_WhenOneDiesWhileTheOldEnds_TakesTheOthersBack()
    {
        _workers[1].DiesOverTheEnd = true;

        var outcome = await RunAsync("new");

        Assert.Equal((DeploymentFailure.ModuleNotMoved, true), (outcome.Failure!.Failure, outcome.HasGoneBack));
        Assert.Equal(["old", "old"], new[] { _workers[0].Package, _workers[2].Package });
        Assert.Equal("old", OnDisk());
    }

    [Fact]
    public async Task Settle_OfAWorkerThatCannotBeBroughtBack_AsksForAnotherInItsPlace()
    {
        _workers[0].Package = "new";
        _workers[0].PrepareFault = "It throws.";
        _workers[2].Package = "new";

        await _roll.SettleAsync();

        Assert.Equal(_workers[0].Worker, Assert.Single(_complaints).Worker);
        Assert.Equal("old", _workers[2].Package);
        Assert.DoesNotContain("2 prepare", _record);
    }

    [Fact]
    public async Task Run_WithALateAnswerToAnEarlierChange_DoesNotTakeItForItsOwn()
    {
        _workers[0].SaysFirst = new ModulesPreparedMessage(7, "It was given up.");

        var outcome = await RunAsync("new");

        Assert.Null(outcome.Failure);
        Assert.Equal("new", _workers[0].Package);
    }

    [Fact]
    public async Task Run_OfAPackageThatIsNotStored_NamesItAndBeginsNothing()
    {
        var outcome = await RunAsync("absent");

        Assert.Contains("absent is not in the store", outcome.Failure!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_record, line => line.EndsWith("prepare", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
            await worker.DisposeAsync();
        _operation.Dispose();
        _folder.Dispose();
    }

    private static DesiredSet SetOf(string package) =>
        DesiredSet.Empty with { Modules = new Dictionary<string, DesiredModule> { ["m"] = new(package) } };

    private Task<ModuleRollOutcome> RunAsync(string package) => _roll.RunAsync(
        SetOf(package), _operation, TimeSpan.Zero, CancellationToken.None, CancellationToken.None);

    private string? OnDisk() => DesiredSet.Read(File.ReadAllBytes(_folder.In("modules.json"))).Modules["m"].Package;

    // What is done at the same time has no order of its own.
    private IEnumerable<string> InOrder() => [.. _record.Take(3), .. _record.Skip(3).Order()];

    private sealed class NoClients : IGenerationClients
    {
        public IGenerationClient Of(Worker worker) => throw new NotSupportedException("Nobody is asked.");
    }
}
