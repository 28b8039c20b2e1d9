// What is done about the standby. What is asked first stands first:
//
//   an operation   | there is     | the service           | wanted | what is done
//   is under way   |              |                       |        |
//   ---------------+--------------+-----------------------+--------+---------------------------------------------------
//   yes            | whatever     | whatever              |        | nothing: it may be about to be taken
//   no             | a stale one  | whatever              |        | it is ended
//   no             | a fitting one| whatever              | no     | it is ended
//   no             | a fitting one| whatever              | yes    | nothing
//   no             | none         | whatever              | no     | nothing
//   no             | none         | is down               | yes    | nothing: what does not start need not start twice
//   no             | none         | serves without a gate | yes    | it is reported that there can be none
//   no             | none         | serves behind gates   | yes    | one is started

namespace Midstream.Core.Reserves;

/// <summary>Whether there is a standby.</summary>
public enum StandbyThere
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>There is one, and a worker that was started now would be like it.</summary>
    Fitting,

    /// <summary>There is one of another release, or of another configuration.</summary>
    Stale,
}

/// <summary>What a standby would stand by for.</summary>
public enum StandbyService
{
    /// <summary>Nobody serves.</summary>
    Down,

    /// <summary>The release serves, and is a program that accepts as soon as it listens.</summary>
    WithoutGate,

    /// <summary>The release serves, and its workers have accept gates.</summary>
    BehindGates,
}

/// <summary>What is done about the standby.</summary>
public enum StandbyStep
{
    /// <summary>Nothing.</summary>
    Wait,

    /// <summary>One is started.</summary>
    Start,

    /// <summary>The one there is, is ended.</summary>
    End,

    /// <summary>It is reported that there can be none.</summary>
    Report,
}

/// <summary>What is known when it is decided.</summary>
/// <param name="IsBusy">Whether an operation is under way.</param>
/// <param name="There">Whether there is a standby.</param>
/// <param name="Service">What it would stand by for.</param>
/// <param name="IsWanted">Whether the configuration asks for one.</param>
public sealed record StandbyFacts(bool IsBusy, StandbyThere There, StandbyService Service, bool IsWanted);

/// <summary>Decides what is done about the standby.</summary>
public static class StandbyTable
{
    /// <summary>Decides.</summary>
    /// <param name="facts">What is known.</param>
    /// <returns>What is done.</returns>
    public static StandbyStep Decide(StandbyFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return facts switch
        {
            { IsBusy: true } => StandbyStep.Wait,
            { There: StandbyThere.Stale } => StandbyStep.End,
            { There: StandbyThere.Fitting, IsWanted: false } => StandbyStep.End,
            { There: StandbyThere.Fitting } or { IsWanted: false } or { Service: StandbyService.Down } => StandbyStep.Wait,
            { Service: StandbyService.WithoutGate } => StandbyStep.Report,
            _ => StandbyStep.Start,
        };
    }
}
