// Those who ask a simulated supervisor for something, each under a name of its own, and make sure that they get an answer.

using Midstream.Control.Operators;
using Midstream.Core.Configuration;
using Midstream.Simulation.Scheduling;
using Midstream.Simulation.World;
using Midstream.Supervisor.Services;

namespace Midstream.Simulation.Histories;

internal sealed class Operators(Machine machine)
{
    private readonly List<Request> _open = [];
    private int _count;

    /// <summary>Gets the requests without an answer whose supervisor lives.</summary>
    internal IEnumerable<string> Open => _open.Where(request => !request.Era.IsDead).Select(request => request.Text);

    internal void Deploy(Release release, bool again = false) => Ask($"deploy of {release.Id}", "deploy",
        (service, who, said, cancelled) => service.DeployAsync(new DeployRequest(release.Folder, again), who, said, cancelled));

    internal void Prepare(Release release) => Ask($"preparation of {release.Id}", "prepare",
        (service, who, said, cancelled) => service.PrepareAsync(new PrepareRequest(release.Folder), who, said, cancelled));

    internal void Discard() => Ask("discard", "discard", (service, who, _, _) => service.DiscardAsync(who));

    internal void RollBack(string? to) => Ask($"rollback to {to}", "rollback",
        (service, who, said, cancelled) => service.RollbackAsync(new RollbackRequest(to), who, said, cancelled));

    internal void Reload(Func<ServiceModel> read) => Ask("reload", "reload",
        (service, who, said, cancelled) => service.ReloadAsync(read, who, said, cancelled));

    internal void Scale(int workers) => Ask($"scale to {workers}", "scale",
        (service, who, said, cancelled) => service.ScaleAsync(_ => workers, who, said, cancelled));

    internal void Pause() => Ask("pause", "pause", (service, who, _, _) => service.PauseAsync(who));

    internal void Resume() => Ask("resume", "resume", (service, who, _, _) => service.ResumeAsync(who));

    /// <summary>Asks for an update of the supervisor's program; the next program, or the one before, tells of its end.</summary>
    internal void Upgrade()
    {
        if (machine.Supervisor is not { IsServing: true } supervisor)
            return;
        var who = new Operator($"operator {++_count}", 1000);
        machine.Trace.Say($"{who.Name} asks for an update");
        supervisor.Era.Post(_ => _ = supervisor.UpgradeAsync(who, phase => machine.Law.Phase("upgrade", who.Name)), null);
    }

    /// <summary>Gets the last answer of all.</summary>
    internal OperatorEvent? LastAnswer { get; private set; }

    private void Ask(
        string text, string kind, Func<Service, Operator, Action<PhaseEvent>, CancellationToken, Task<OperatorEvent>> ask)
    {
        if (machine.Supervisor is not { IsServing: true, Service: { } service } supervisor)
            return;
        var request = new Request(text, supervisor.Era);
        _open.Add(request);
        var who = new Operator($"operator {++_count}", 1000);
        machine.Trace.Say($"{who.Name} asks for a {text}");
        supervisor.Era.Post(_ => _ = WaitAsync(request, who, ask(
            service, who, phase => machine.Law.Phase(kind, who.Name), Cancellation(supervisor.Era))), null);
    }

    // Some give up, at any time.
    private CancellationToken Cancellation(Era era)
    {
        if (!machine.IsFaulty || !machine.Dice.OneIn(8))
            return CancellationToken.None;
        var cancelled = new CancellationTokenSource();
        machine.After(machine.Dice.Within(TimeSpan.FromSeconds(5)), () => era.Post(_ => cancelled.Cancel(), null));
        return cancelled.Token;
    }

    private async Task WaitAsync(Request request, Operator who, Task<OperatorEvent> answering)
    {
        try
        {
            LastAnswer = await answering;
            machine.Trace.Say($"{who.Name} is answered: {LastAnswer}");
            _open.Remove(request);
        }
        catch (Exception failed)
        {
            request.Era.Post(_ => throw new Violation($"The {request.Text} ended with an exception: {failed}"), null);
        }
    }

    private sealed record Request(string Text, Era Era);
}
