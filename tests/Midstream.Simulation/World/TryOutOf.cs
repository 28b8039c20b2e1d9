// Tries simulated programs out: most are fit, some say that they are.

using Midstream.Simulation.Scheduling;
using Midstream.Supervisor.Succession;

namespace Midstream.Simulation.World;

internal sealed class TryOutOf(Era era, Machine machine) : ITryOut
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    /// <summary>Gets what is wrong with the program that was tried out last.</summary>
    internal ProgramFlaw Flaw { get; private set; }

    public async Task<(string? Version, string? Fault)> RunAsync(string program, CancellationToken stopping)
    {
        Flaw = machine.IsFaulty && machine.Temper.ProgramsAreBad
            ? machine.Dice.Of(Enum.GetValues<ProgramFlaw>()) : ProgramFlaw.None;
        var takes = Flaw == ProgramFlaw.HangsInItsTryOut ? s_timeout : machine.Latency(TimeSpan.FromMilliseconds(300));
        try
        {
            await Task.Delay(takes, era.Time, stopping);
        }
        catch (OperationCanceledException)
        {
            return (null, "The supervisor was asked to stop.");
        }

        return Flaw is ProgramFlaw.FailsItsTryOut or ProgramFlaw.HangsInItsTryOut ? (null, $"It is unfit: {Flaw}.") : ("2", null);
    }
}
