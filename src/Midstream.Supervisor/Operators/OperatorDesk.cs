using Midstream.Control.Operators;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Signals;
using Midstream.Supervisor.Succession;

namespace Midstream.Supervisor.Operators;

/// <summary>Takes one operator's request and answers it to the end.</summary>
/// <param name="service">Does what changes the service.</param>
/// <param name="status">Describes it.</param>
/// <param name="readConfiguration">Reads the configuration for a reload.</param>
/// <param name="reopenLogs">Opens the log's file anew.</param>
/// <param name="upgrade">Replaces the supervisor's own program.</param>
/// <param name="requestStop">Stops the supervisor; the task ends when the workers are gone.</param>
internal sealed class OperatorDesk(
    Service service,
    StatusReport status,
    Func<ServiceModel> readConfiguration,
    Action reopenLogs,
    SelfUpgrade upgrade,
    Func<StopWish, Task> requestStop)
{
    private static readonly Task s_never = new TaskCompletionSource().Task;

    /// <summary>Serves one connection.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="who">Who it is.</param>
    /// <returns>A task that ends when the last event is sent.</returns>
    public async Task ServeAsync(OperatorSession session, Operator who)
    {
        if (await session.ReadLineAsync(CancellationToken.None) is not { } line)
            return;
        var answer = OperatorProtocol.ReadRequest(line) switch
        {
            null => new RefusedEvent(Refusals.Protocol, "This supervisor does not know that request. Use the 'midstream' " +
                "program of its own version."),
            { Protocol: not OperatorProtocol.Version } other => new RefusedEvent(
                Refusals.Protocol,
                $"This supervisor speaks version {OperatorProtocol.Version} of the operator protocol, not " +
                    $"{other.Protocol}. Use the 'midstream' program of its own version."),
            StatusRequest => new StatusEvent(await status.DescribeAsync()),
            ReleasesRequest => service.ListReleases(),
            StopRequest stop => await StopAsync(stop, who),
            ReloadRequest => await CancellableAsync(session, (onPhase, cancelled) =>
                service.ReloadAsync(readConfiguration, who, onPhase, cancelled)),
            ScaleRequest { Workers: >= 1 and <= WorkersModel.CountMax } scale => await CancellableAsync(
                session, (onPhase, cancelled) => service.ScaleAsync(_ => scale.Workers, who, onPhase, cancelled)),
            ScaleRequest scale => new RefusedEvent(
                Refusals.BadRequest, $"{scale.Workers} workers are none or too many: 1 to {WorkersModel.CountMax} can be."),
            PauseRequest => await service.PauseAsync(who),
            ResumeRequest => await service.ResumeAsync(who),
            ReopenLogsRequest => ReopenLogs(),
            UpgradeRequest asked => await UpgradeAsync(asked, session, who),
            DeployRequest deploy =>
                await CancellableAsync(session, (onPhase, cancelled) => service.DeployAsync(deploy, who, onPhase, cancelled)),
            PrepareRequest prepare =>
                await CancellableAsync(session, (onPhase, cancelled) => service.PrepareAsync(prepare, who, onPhase, cancelled)),
            DiscardRequest => await service.DiscardAsync(who),
            RollbackRequest rollback =>
                await CancellableAsync(session, (onPhase, cancelled) => service.RollbackAsync(rollback, who, onPhase, cancelled)),
            ModulesRequest modules => await service.ListModulesAsync(modules),
            ModuleDeployRequest { Folders.Count: > 0 } deploy => await CancellableAsync(
                session, (onPhase, cancelled) => service.DeployModulesAsync(deploy, who, onPhase, cancelled)),
            ModuleRollbackRequest rollback => await CancellableAsync(
                session, (onPhase, cancelled) => service.RollbackModuleAsync(rollback, who, onPhase, cancelled)),
            ModuleRemoveRequest remove => await CancellableAsync(
                session, (onPhase, cancelled) => service.RemoveModuleAsync(remove, who, onPhase, cancelled)),
            ModuleCanaryRequest canary => await CancellableAsync(
                session, (onPhase, cancelled) => service.CanaryModuleAsync(canary, who, onPhase, cancelled)),
            ModulePromoteRequest promote => await CancellableAsync(
                session, (onPhase, cancelled) => service.PromoteModuleAsync(promote, who, onPhase, cancelled)),
            ModuleDeployRequest => new RefusedEvent(Refusals.BadRequest, "No package is named."),
            _ => new RefusedEvent(Refusals.BadRequest, "There is nothing to cancel on this connection."),
        };
        // There is none when the program that follows this one gives it.
        if (answer is not null)
            await session.SayAsync(answer);
        else
            await s_never;
    }

    private async Task<OperatorEvent> StopAsync(StopRequest stop, Operator who)
    {
        await requestStop(new StopWish(who, stop.Graceful));
        return new ResultEvent(Outcomes.Stopped);
    }

    private async Task<OperatorEvent?> UpgradeAsync(UpgradeRequest asked, OperatorSession session, Operator who)
    {
        FileDescriptor connection;
        try
        {
            connection = session.DuplicateConnection();
        }
        catch (LinuxException none)
        {
            return service.UpgradeEnded(who, none.Message, elapsedMs: 0);
        }

        var said = Task.CompletedTask;
        var answer = await upgrade.RunAsync(
            asked.Program, who, phase => said = SayAfterAsync(said, session, phase), connection);
        await said;
        if (answer is not null)
            connection.Dispose();
        return answer;
    }

    private ResultEvent ReopenLogs()
    {
        reopenLogs();
        return service.Done();
    }

    // The operator may give up by saying so, or by going away.
    private static async Task<OperatorEvent> CancellableAsync(
        OperatorSession session, Func<Action<PhaseEvent>, CancellationToken, Task<OperatorEvent>> run)
    {
        using var cancelled = new CancellationTokenSource();
        using var finished = new CancellationTokenSource();
        var listening = ListenForCancelAsync(session, cancelled, finished.Token);
        var said = Task.CompletedTask;
        var answer = await run(phase => said = SayAfterAsync(said, session, phase), cancelled.Token);
        await said;
        await finished.CancelAsync();
        await listening;
        return answer;
    }

    private static async Task SayAfterAsync(Task before, OperatorSession session, PhaseEvent phase)
    {
        await before;
        await session.SayAsync(phase);
    }

    private static async Task ListenForCancelAsync(
        OperatorSession session, CancellationTokenSource cancelled, CancellationToken finished)
    {
        try
        {
            while (await session.ReadLineAsync(finished) is { } line)
            {
                if (OperatorProtocol.ReadRequest(line) is CancelRequest)
                    break;
            }
        }
        catch (IOException)
        {
            // Gone: the same as giving up.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await cancelled.CancelAsync();
    }
}
