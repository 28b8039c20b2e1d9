using System.Runtime.InteropServices;
using Midstream.Control.Workers;
using Midstream.Linux;
using Midstream.Supervisor.Logs;

namespace Midstream.Supervisor.Workers;

/// <summary>A worker's process on this machine: a child or an adopted stranger, with its sockets and its pipe.</summary>
/// <param name="process">The process.</param>
/// <param name="channel">The supervisor's end of the control channel.</param>
/// <param name="notify">Where its sd_notify messages arrive.</param>
/// <param name="output">Reads what it writes.</param>
internal sealed class WorkerProcess(
    ChildProcess process, WorkerChannel channel, NotifyListener notify, WorkerOutput output) : IWorkerProcess
{
    private readonly NotifyListener _notify = HearingOnly(notify, process);

    public int Pid => process.Pid;

    public Task<ProcessExit> Exited => process.Exited;

    public IReadOnlyList<string> LastLines => output.LastLines;

    public Task OutputEnded => output.Ended;

    public TimeProvider Time => TimeProvider.System;

    public long? ResidentBytes => ProcessMemory.Resident(Pid);

    public string? DescribeThreads() => ThreadStacks.Describe(Pid);

    public (SafeHandle ToOther, SafeHandle ToThis) OpenChannel() => SeqPacketChannel.CreateDescriptorPair();

    public ValueTask SendAsync(
        WorkerMessage message, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken) =>
        channel.SendAsync(message, descriptors, cancellationToken);

    public async ValueTask<WorkerMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var received = await channel.ReceiveAsync(cancellationToken);
        if (received?.Message is OutputMessage)
            output.LogLate(received.TakeDescriptor(1));
        return received?.Message;
    }

    public async Task<bool> ReceiveNoticeAsync(CancellationToken cancellationToken)
    {
        var message = await _notify.ReceiveAsync(cancellationToken);
        return message.Fields.TryGetValue("READY", out var value) && value == "1";
    }

    public void Signal(int signal) => process.Signal(signal);

    public void SignalGroup(int signal) => process.SignalGroup(signal);

    public async Task<ProcessRemains> ReleaseAsync()
    {
        var (reader, pending) = await output.ReleaseAsync();
        return new ProcessRemains(
            Pid, process.StartTime, await channel.ReleaseAsync(), _notify.Release(), _notify.Address, reader, pending);
    }

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        _notify.Dispose();
        process.Dispose();
    }

    private static NotifyListener HearingOnly(NotifyListener notify, ChildProcess process)
    {
        notify.HearOnly(process.Pid);
        return notify;
    }
}
