// One of every message of both protocols, with every member set: what the wire tests run over.

using Midstream.Control.Operators;
using Midstream.Control.Workers;
using Midstream.Core.Modules;

namespace Midstream.Control.Tests;

internal static class Samples
{
    private static readonly DateTimeOffset s_then = new(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero);

    internal static DrainReport Report { get; } =
        new(Moved: 1, Announced: 2, ClosedByPeer: 3, ClosedAtDeadline: 4, DurationMs: 5, MovedBusy: 6, HalfClosed: 7);

    internal static IReadOnlyList<WorkerMessage> WorkerMessages { get; } =
    [
        new HelloMessage(WorkerChannel.Protocol, "0.1.0", [WorkerCapabilities.HandOver], HoldsLease: true, InChargeOfState: true),
        new ReadyMessage(),
        new FailedMessage("The database cannot be reached."),
        new ActivatedMessage(),
        new DrainedMessage(Report),
        new ResumedMessage(),
        new ReportMessage(new WorkerReport(
            Requests: 1, Errors: 2, Accepted: 3, TakenOver: 4, Moved: 5, Announced: 6, ClosedByPeer: 7, ClosedAtDeadline: 8,
            Closed: 9, InFlight: 10, Open: 11, LongestRequestMs: 12, HeapBytes: 13, ThreadPoolQueue: 14,
            HalfClosed: 15, WantsReplacement: "4 generations of the module pricing stay in memory.")),
        new ConnectMessage(2),
        new ActivateMessage(KeepGateClosed: true),
        new DrainMessage(30_000),
        new PauseMessage(),
        new PausedMessage(),
        new ResumeMessage(KeepGateClosed: true),
        new StopMessage(),
        new IdentifyMessage(WithDescriptors: true),
        new SocketMessage(2),
        new OutputMessage(),
        new IdentityMessage(
            new HelloMessage(WorkerChannel.Protocol, "0.1.0", [WorkerCapabilities.HandOver]), 77, 7, 2, "0123456789ab",
            IsReady: true, GateIsOpen: true, IsDraining: true, IsPaused: true),
        new ImportStateMessage(),
        new StateImportedMessage(2, 4096, 17, "It reads version 2 only.", VersionsDiffer: true),
        new ExportStateMessage(),
        new StateExportedMessage(18, "The disk is full."),
        new HandOverStateMessage(1000),
        new StateHandedOverMessage(3.5, 12, "It was too slow."),
        new KeepStateMessage(),
        new StateKeptMessage(),
        new TakeStateMessage(),
        new StateTakenMessage(),
        new GrantLeaseMessage(),
        new LeaseTakenMessage("The queue cannot be reached."),
        new RevokeLeaseMessage(5000),
        new LeaseReleasedMessage("The timer goes on."),
        new ListModulesMessage("pricing", "cart", Question: 6, Tracer: 4711),
        new ModulesMessage([Module], More: 3, Question: 6),
        new PrepareModulesMessage(5, Difference, WaitMs: 60_000),
        new ModulePhaseMessage(5, "pricing", "warm-up"),
        new ModulesPreparedMessage(5, "It does not fit."),
        new MoveModulesMessage(5),
        new ModulesMovedMessage(5, [Move], "The state was not handed over."),
        new AbandonModulesMessage(),
        new ModulesAbandonedMessage(),
        new AwaitModulesMessage(5),
        new ModulesEndedMessage(5, [Ending]),
    ];

    internal static IReadOnlyList<OperatorRequest> Requests { get; } =
    [
        new DeployRequest("/srv/shop/v2", Again: true),
        new PrepareRequest("/srv/shop/v2"),
        new DiscardRequest(),
        new RollbackRequest("0123456789ab"),
        new ReloadRequest(),
        new ScaleRequest(4),
        new PauseRequest(),
        new ResumeRequest(),
        new ReopenLogsRequest(),
        new UpgradeRequest("/opt/midstream/midstream"),
        new StatusRequest(),
        new ReleasesRequest(),
        new StopRequest(Graceful: true),
        new CancelRequest(),
        new ModulesRequest("pricing", Tracer: 4711),
        new ModuleDeployRequest(["/srv/pricing/2"], Unwatched: true),
        new ModuleRollbackRequest("pricing"),
        new ModuleRemoveRequest("pricing"),
        new ModuleCanaryRequest("/srv/pricing/2", Rule, "pricing"),
        new ModulePromoteRequest("pricing"),
    ];

    private static readonly RootReport s_roots = new(
        312.5, IsComplete: true, [new ContextRoots("pricing@3", IsInMemory: true, [Culprit])], "It has to be allowed.");

    internal static IReadOnlyList<OperatorEvent> Events { get; } =
    [
        new PhaseEvent("ready", 1200, "process 77"),
        new ResultEvent(
            Outcomes.RolledBack, "0123456789ab", 7, "It crashed in its probation.", "worker-crashed-in-probation",
            ReplacedInMs: 340, ElapsedMs: 5600, [new PhaseDuration("store", 12)], Report,
            new StateReport(FreezeMs: 3.5, Changes: 12), ["Unhandled exception.", "  at Main"],
            [new WorkerModuleChange("g7.2", [Move], [Ending])]),
        new RefusedEvent(Refusals.Busy, "ann has a deploy under way."),
        new StatusEvent(Status),
        new ReleasesEvent([new ReleaseSummary("0123456789ab", "v2", s_then, 4096, Current: true, Previous: false)]),
        new ModulesEvent(
            [new WishedModule("pricing", "0123456789ab", "2", "ba9876543210", "1", new DesiredCanary("cdef01234567", Rule))],
            [new WorkerModules("g7.2", [Module], More: 3, "It does not answer.", Pid: 77, s_roots)]),
    ];

    internal static WorkerEnvironment Environment { get; } = new(
        WorkerChannel.Protocol, "shop", 7, 2, "0123456789ab", ControlDescriptor: 5, ReunionDescriptor: 6, OutputDescriptor: 7,
        [new WorkerListener(1, 3, "http", "http://127.0.0.1:5000"),
         new WorkerListener(2, 4, "unix", "http://unix:/run/shop.sock")]);

    private static CanaryRule Rule => new()
    {
        Percent = 5, Identity = CanaryIdentity.Header, IdentityHeader = "X-Client", Header = new CanaryMark("X-Try"),
        Cookie = new CanaryMark("try", "yes"), Tenants = new CanaryTenants(TenantSource.Claim, "tenant", ["acme"]),
    };

    private static UnloadCulprit Culprit => new("System.Threading.Timer", "Pricing.Clock", "Use IModuleContext.Time.");

    private static ModuleSummary Module => new(
        "pricing", "2", "0123456789ab", "/pricing", 3, ["stock"], "ba9876543210", "/srv/shop/modules/pricing",
        [new ModuleGenerationSummary(3, "2", "0123456789ab", "serving", s_then, 100, 1, 2, P50Ms: 0.5, P99Ms: 8, [Culprit])],
        new ModuleCanarySummary(4, "3", "cdef01234567", Rule), "Module pricing 2, in start: it throws.");

    private static ModuleDifference Difference => new()
    {
        Packages = ["/state/modules/0123456789ab"], Promoted = ["stock"], Removed = ["old"], Aborted = ["tax"], Missing = [],
        Canaries = [new CanaryPackage("/state/modules/cdef01234567", Rule)],
        Rules = new Dictionary<string, CanaryRule> { ["cart"] = Rule },
    };

    private static ModuleMove Move => new("pricing", "2", 3, FreezeMs: 1.5, Rule);

    private static ModuleEnding Ending => new("pricing", 2, "pinned", DrainedMs: 12, Aborted: 1, ["stop: failed"], [Culprit]);

    private static ServiceStatus Status => new(
        "shop", "replacing", new SupervisorStatus(42, "0.1.0", s_then, Deployments: 3, Restarts: 1, Upgrades: 2),
        ["http://127.0.0.1:5000"], "0123456789ab", "ba9876543210", Committed: true, WorkerCount: 2,
        [new WorkerStatus("g7.2", 7, 2, "0123456789ab", "serving", 77, s_then, 150, HandsOver: true, HoldsLease: true,
            new WorkerCountersStatus(
                "g7.2", Requests: 1, Errors: 2, InFlight: 3, Open: 4, LongestRequestMs: 5, HeapBytes: 6, ThreadPoolQueue: 7,
                ReportAgeMs: 8))],
        new OperationStatus("deploy", "ann", s_then, "start"), "Down: look at the log.",
        new ServiceCountersStatus(
            Requests: 1, Errors: 2, Accepted: 3, TakenOver: 4, Moved: 5, Announced: 6, ClosedByPeer: 7, ClosedAtDeadline: 8,
            Closed: 9, InFlight: 10, Open: 11, HalfClosed: 12),
        new ReserveStatus(
            [new WorkerStatus("g8.0", 8, 0, "0123456789ab", "waiting", 78, s_then, 150, HandsOver: true)],
            "cdef01234567", PreparedLeftMs: 60_000, "There is no standby."),
        [new ServiceModuleStatus("pricing", "2", Workers: 2, new ServiceCanaryStatus("3", Rule))]);
}
