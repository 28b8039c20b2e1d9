using Midstream.Control.Operators;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>A step of a replacement, of the supervisor's own or of its follower, and who is in it.</summary>
public enum MatrixStep
{
    /// <summary>The new worker's program begins.</summary>
    Spawn,

    /// <summary>The new worker is about to say that it is ready.</summary>
    Ready,

    /// <summary>The new worker has opened its gate, and has not said so.</summary>
    Switch,

    /// <summary>The old worker lets go of its connections; one request is under way in it.</summary>
    Drain,

    /// <summary>The old worker was told to stop.</summary>
    Stop,

    /// <summary>The supervisor's new program has passed its try-out and is in the old one's place.</summary>
    SelfUpdate,

    /// <summary>The supervisor was killed, and the next one finds its workers.</summary>
    TakeOver,
}

/// <summary>What goes wrong.</summary>
public enum MatrixFault
{
    /// <summary>It exits.</summary>
    Exits,

    /// <summary>It is killed.</summary>
    IsKilled,

    /// <summary>It stands still (SIGSTOP).</summary>
    Hangs,

    /// <summary>It writes rubbish to its output and wherever it is heard, and goes on.</summary>
    WritesRubbish,

    /// <summary>The disk with the state is full.</summary>
    DiskFull,

    /// <summary>The supervisor has no descriptor left.</summary>
    NoDescriptors,

    /// <summary>The wall clock jumps an hour ahead, and afterwards two hours back.</summary>
    ClockJumps,
}

/// <summary>One cell of the matrix: a step, a fault, and what is to become of the deployment.</summary>
/// <param name="Step">The step.</param>
/// <param name="Fault">The fault.</param>
internal sealed record Cell(MatrixStep Step, MatrixFault Fault)
{
    /// <summary>Gets all cells.</summary>
    public static IEnumerable<Cell> All =>
        Enum.GetValues<MatrixStep>().SelectMany(step => Enum.GetValues<MatrixFault>().Select(fault => new Cell(step, fault)));

    /// <summary>Gets the cells of a replacement of workers.</summary>
    public static IEnumerable<Cell> OfAReplacement => All.Where(cell => cell.Step <= MatrixStep.Stop);

    /// <summary>Gets whether the fault befalls a process, not its surroundings.</summary>
    public bool IsInProcess => Fault <= MatrixFault.WritesRubbish;

    /// <summary>Gets whether a worker with clients dies of the fault. What is inside it then cannot be kept.</summary>
    public bool EndsAServingWorker => (Step is MatrixStep.Switch or MatrixStep.Drain
            && Fault is MatrixFault.Exits or MatrixFault.IsKilled or MatrixFault.Hangs)
        // Its gate is open when it can no longer be spoken with, so it is ended.
        || (Step, Fault) == (MatrixStep.Switch, MatrixFault.WritesRubbish)
        || (Step, Fault) == (MatrixStep.TakeOver, MatrixFault.Exits);

    /// <summary>Gets how the deployment ends.</summary>
    public string Outcome => (Step, Fault) switch
    {
        // The old worker's end is its own affair: the new one serves by then.
        (MatrixStep.Drain or MatrixStep.Stop, _) => Outcomes.Committed,
        // Whoever comes takes over: there is nothing to go back to.
        (MatrixStep.TakeOver, _) => Outcomes.Committed,
        (MatrixStep.SelfUpdate, MatrixFault.DiskFull) => Outcomes.Committed,
        (_, MatrixFault.ClockJumps) => Outcomes.Committed,
        // The state was written before the switch, and so was made all that it needs descriptors for.
        (MatrixStep.Switch, MatrixFault.DiskFull or MatrixFault.NoDescriptors) => Outcomes.Committed,
        _ => Outcomes.Failed,
    };

    /// <summary>Gets the cell's text in the table of guarantees.</summary>
    public string Text => Outcome == Outcomes.Committed ? "new" : "old";
}
