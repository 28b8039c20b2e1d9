using System.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Midstream.Control.Workers;
using Midstream.Hosting.Drain;
using Midstream.Hosting.HandOver;
using Midstream.Hosting.Transport;
using Midstream.Linux;

namespace Midstream.Hosting.Worker;

// Supervisor says   | the worker                                                        | answers
// ------------------+-------------------------------------------------------------------+-----------------------------
//                   | has built its host                                                | hello
//                   | application started                                               | ready
// connect + socket  | serves it like an accepted connection                             | (HTTP)
// activate [+ chan] | opens the gate, takes connections from the channel                | activated
// drain [+ channel] | closes the gate, lets go of every connection                      | drained, when none is left
// pause             | closes the gate, serves what it has                               | paused
// resume            | takes the drain back, opens the gate                              | resumed
// stop              | stops the application                                             | (exits)
// end of stream     | the supervisor has died: lets go of the listening sockets so that the next one can bind them,
//                   | drains by announcement, stops the application

/// <summary>The worker's side of the conversation with its supervisor, from the host's start to its stop.</summary>
internal sealed partial class WorkerSession : BackgroundService
{
    private static readonly TimeSpan OrphanDrainTime = TimeSpan.FromSeconds(30);

    private readonly WorkerIdentity _worker;
    private readonly MidstreamTransport _transport;
    private readonly WorkerConnections _connections;
    private readonly FdPoller _poller;
    private readonly IHostApplicationLifetime _application;
    private readonly SupervisorLink _supervisor;
    private readonly IReadOnlyList<IWorkerPart> _parts;
    private readonly ILogger<WorkerSession> _logger;
    private CancellationTokenSource _drainTakenBack = new();
    private Task _drain = Task.CompletedTask;
    private TimeSpan _drainTime = OrphanDrainTime;

    public WorkerSession(
        WorkerIdentity worker,
        MidstreamTransport transport,
        WorkerConnections connections,
        FdPoller poller,
        IHostApplicationLifetime application,
        SupervisorLink supervisor,
        IEnumerable<IWorkerPart> parts,
        ILogger<WorkerSession> logger)
    {
        _worker = worker;
        _transport = transport;
        _connections = connections;
        _poller = poller;
        _application = application;
        _supervisor = supervisor;
        _parts = [.. parts];
        _logger = logger;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var version = typeof(WorkerSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
        var hosting = version?.InformationalVersion ?? "unknown";
        IReadOnlyList<string> capabilities = [WorkerCapabilities.HandOver, .. _parts.SelectMany(part => part.Capabilities)];
        await _supervisor.SayAsync(new HelloMessage(WorkerChannel.Protocol, hosting, capabilities));
        _application.ApplicationStarted.Register(() => _ = _supervisor.SayAsync(new ReadyMessage()).AsTask());
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _supervisor.ReceiveAsync(stoppingToken) is { } received)
            {
                using (received)
                    await HandleAsync(received, stoppingToken);
            }

            await OutliveSupervisorAsync();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops; so does the conversation.
        }
        catch (IOException broken)
        {
            LogChannelBroken(broken);
            await OutliveSupervisorAsync();
        }
    }

    private async Task HandleAsync(ReceivedWorkerMessage received, CancellationToken stopping)
    {
        switch (received.Message)
        {
            case ConnectMessage connect:
                Connect(connect.Listener, received.TakeDescriptor());
                break;
            case ActivateMessage:
                await ActivateAsync(received.TakeDescriptor());
                break;
            case DrainMessage drain:
                await BeginDrainAsync(TimeSpan.FromMilliseconds(drain.TimeoutMs), received.TakeDescriptor());
                break;
            case PauseMessage:
                foreach (var listener in _transport.Listeners)
                    await listener.CloseAsync();
                await _supervisor.SayAsync(new PausedMessage());
                break;
            case ResumeMessage:
                await ResumeAsync();
                break;
            case StopMessage:
                _application.StopApplication();
                break;
            default:
                await OfferToPartsAsync(received, stopping);
                break;
        }
    }

    private async Task OfferToPartsAsync(ReceivedWorkerMessage received, CancellationToken stopping)
    {
        foreach (var part in _parts)
        {
            if (await part.TryHandleAsync(received, stopping))
                return;
        }
    }

    private void Connect(int listener, FileDescriptor? descriptor)
    {
        using (descriptor)
        {
            if (descriptor is not null && _transport.Find(listener) is { } found)
                found.Adopt(new Arrival(descriptor.ToSocket(), Unread: [], IsPrivate: true));
        }
    }

    private async Task ActivateAsync(FileDescriptor? channel)
    {
        if (channel is not null)
            _ = new HandOverReceiver(new SeqPacketChannel(channel, _poller), _transport, _logger).RunAsync();
        foreach (var listener in _transport.Listeners)
            await listener.OpenAsync();
        LogActivated(_worker.Generation, _worker.Release);
        await _supervisor.SayAsync(new ActivatedMessage());
    }

    private async Task BeginDrainAsync(TimeSpan timeout, FileDescriptor? channel)
    {
        await TakeDrainBackAsync();
        foreach (var listener in _transport.Listeners)
            await listener.CloseAsync();
        var peer = channel is null ? null : new HandOverSender(new SeqPacketChannel(channel, _poller), LogPeerGone);
        _drainTime = timeout;
        _drain = DrainAsync(peer, timeout, _drainTakenBack.Token);
    }

    private async Task DrainAsync(HandOverSender? peer, TimeSpan timeout, CancellationToken takenBack)
    {
        try
        {
            var report = await _connections.DrainAsync(peer, timeout, takenBack);
            if (peer is not null)
                await peer.FinishAsync();
            await _supervisor.SayAsync(new DrainedMessage(report));
        }
        catch (OperationCanceledException) when (takenBack.IsCancellationRequested)
        {
            // Resumed, or begun anew with another peer.
        }
        finally
        {
            if (peer is not null)
                await peer.DisposeAsync();
        }
    }

    private async Task ResumeAsync()
    {
        await TakeDrainBackAsync();
        foreach (var listener in _transport.Listeners)
            await listener.OpenAsync();
        await _supervisor.SayAsync(new ResumedMessage());
    }

    private async Task TakeDrainBackAsync()
    {
        _connections.Resume();
        await _drainTakenBack.CancelAsync();
        await _drain;
        _drainTakenBack.Dispose();
        _drainTakenBack = new CancellationTokenSource();
    }

    private async Task OutliveSupervisorAsync()
    {
        LogSupervisorGone();
        await BeginDrainAsync(_drainTime, channel: null);
        foreach (var listener in _worker.Listeners)
            listener.Dispose();
        await _drain;
        _application.StopApplication();
    }

    [LoggerMessage(EventId = 100, EventName = "Activated", Level = LogLevel.Information,
        Message = "Generation {Generation} of release {Release} accepts connections.")]
    private partial void LogActivated(long generation, string release);

    [LoggerMessage(EventId = 101, EventName = "SupervisorGone", Level = LogLevel.Error,
        Message = "The supervisor is gone. Finishing what is under way, then stopping; start it again with 'midstream run'.")]
    private partial void LogSupervisorGone();

    [LoggerMessage(
        EventId = 102, EventName = "ControlChannelBroken", Level = LogLevel.Error, Message = "The control channel broke.")]
    private partial void LogChannelBroken(Exception error);

    [LoggerMessage(EventId = 103, EventName = "PeerGone", Level = LogLevel.Warning,
        Message = "The generation that took over connections is gone; what it had not acknowledged is served here.")]
    private partial void LogPeerGone();
}
