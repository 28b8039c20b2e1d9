// What a history is like: how the service is configured, and what may go wrong in it. Few things at a time, so that what follows
// from one is not hidden by what follows from another.

using Midstream.Core.Configuration;
using Midstream.Simulation.Scheduling;
using Midstream.Simulation.World;

namespace Midstream.Simulation.Histories;

internal sealed record Temper(
    bool WorkersFail,
    bool ReleasesAreBad,
    bool SupervisorIsKilled,
    bool IsUpgraded,
    bool ProgramsAreBad,
    bool DiskFills,
    bool DescriptorsRunOut,
    bool ClockIsSet,
    bool IsPaused,
    bool IsStopped,
    bool Reports,
    bool HandsOver,
    bool HasState,
    bool HasLease,
    bool HasHealthCheck,
    TimeSpan Probation,
    ServiceModel Service)
{
    /// <summary>Says whether a flaw shows before a release is committed.</summary>
    internal bool Shows(Flaw flaw) => flaw switch
    {
        Flaw.IsUnhealthy => HasHealthCheck,
        Flaw.CannotImport => HasState,
        Flaw.CannotTakeTheLease => HasLease,
        _ => true,
    };

    internal static Temper Of(Dice dice)
    {
        var probation = TimeSpan.FromSeconds(dice.Of(0, 1, 10));
        var hasHealthCheck = dice.OneIn(3);
        return new Temper(
            dice.OneIn(3),
            dice.OneIn(2),
            dice.OneIn(2),
            dice.OneIn(3),
            dice.OneIn(2),
            dice.OneIn(4),
            dice.OneIn(6),
            dice.OneIn(4),
            dice.OneIn(4),
            dice.OneIn(4),
            dice.OneIn(3),
            !dice.OneIn(3),
            dice.OneIn(2),
            dice.OneIn(2),
            hasHealthCheck,
            probation,
            ServiceOf(dice, probation, hasHealthCheck));
    }

    /// <summary>Makes another configuration for a reload.</summary>
    internal ServiceModel Another(Dice dice) => ServiceOf(dice, Probation, HasHealthCheck);

    private static ServiceModel ServiceOf(Dice dice, TimeSpan probation, bool hasHealthCheck) => new()
    {
        Name = "simulated",
        Listen = [],
        Workers = new WorkersModel
        {
            Count = dice.Of(1, 1, 2, 3),
            Replace = dice.Of(WorkerReplacement.OneByOne, WorkerReplacement.AllAtOnce),
            HeartbeatTimeout = TimeSpan.FromSeconds(dice.Of(0, 15)),
        },
        Ready = new ReadyModel { Timeout = TimeSpan.FromSeconds(dice.Of(3, 30)) },
        Health = hasHealthCheck ? new HealthModel { Interval = TimeSpan.FromSeconds(2), FailuresMax = 2 } : null,
        WarmUp = dice.OneIn(4) ? [new WarmUpRequest { Path = "/" }] : [],
        Drain = new DrainModel { Timeout = TimeSpan.FromSeconds(dice.Of(1, 30)) },
        Stop = new StopModel { Timeout = TimeSpan.FromSeconds(dice.Of(1, 10)) },
        Probation = new ProbationModel { Duration = probation },
        Prepare = new PrepareModel { Wait = TimeSpan.FromSeconds(dice.Of(15, 300)) },
        Restart = new RestartModel { DelayMax = TimeSpan.FromSeconds(5), CrashesMax = dice.Of(2, 5) },
        Releases = new ReleasesModel { Keep = dice.Of(2, 10) },
    };
}
