using System.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Midstream.Control.Workers;
using Midstream.Hosting.Counters;
using Midstream.Hosting.Datagrams;
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
//                   | while the service is paused: leaves the gate closed               |
// drain [+ channel] | closes the gate, lets go of every connection                      | drained, when none is left
// pause             | closes the gate, serves what it has                               | paused
// resume            | takes the drain back, opens the gate; or not, as with activate    | resumed
// stop              | stops the application                                             | (exits)
// identify          | gives what another supervisor needs of it                         | socket*, output, identity
// end of stream     | the supervisor has died: serves on, and waits for the next one. A worker that does not serve
//                   | waits for a while only, for nobody may come

/// <summary>The worker's side of the conversation with its supervisor, from the host's start to its stop.</summary>
internal sealed partial class WorkerSession : BackgroundService
{
    // How long a worker that serves nobody waits for the next supervisor.
    private static readonly TimeSpan s_orphanTime = TimeSpan.FromSeconds(60);

    private readonly WorkerIdentity _worker;
    private readonly MidstreamTransport _transport;
    private readonly WorkerConnections _connections;
    private readonly DatagramReceivers _datagrams;
    private readonly FdPoller _poller;
    private readonly IHostApplicationLifetime _application;
    private readonly SupervisorLink _supervisor;
    private readonly WorkerReporter _reporter;
    private readonly IReadOnlyList<IWorkerPart> _parts;
    private readonly ILogger<WorkerSession> _logger;
    private CancellationTokenSource _drainTakenBack = new();
    private Task _drain = Task.CompletedTask;
    private OrphanOutput? _orphanOutput;
    private bool _gateIsOpen;
    private bool _isDraining;
    private bool _isPaused;

    public WorkerSession(
        WorkerIdentity worker,
        MidstreamTransport transport,
        WorkerConnections connections,
        DatagramReceivers datagrams,
        FdPoller poller,
        IHostApplicationLifetime application,
        SupervisorLink supervisor,
        WorkerReporter reporter,
        IEnumerable<IWorkerPart> parts,
        ILogger<WorkerSession> logger)
    {
        _worker = worker;
        _transport = transport;
        _connections = connections;
        _datagrams = datagrams;
        _poller = poller;
        _application = application;
        _supervisor = supervisor;
        _reporter = reporter;
        _parts = [.. parts];
        _logger = logger;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await _supervisor.SayAsync(Hello());
        _application.ApplicationStarted.Register(() => _ = _supervisor.SayAsync(new ReadyMessage()).AsTask());
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            do
                await ConverseAsync(stoppingToken);
            while (await TryReuniteAsync(stoppingToken));
            _application.StopApplication();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops; so does the conversation.
        }
    }

    private async Task ConverseAsync(CancellationToken stopping)
    {
        try
        {
            while (await _supervisor.ReceiveAsync(stopping) is { } received)
            {
                using (received)
                    await HandleAsync(received, stopping);
            }
        }
        catch (IOException broken)
        {
            LogChannelBroken(broken);
        }
    }

    // Clients must not notice that the supervisor is gone. Who has none, or is on the way out, need not wait for ever.
    private async Task<bool> TryReuniteAsync(CancellationToken stopping)
    {
        if (!_supervisor.CanReunite)
            return false;
        // Before anything is logged: what is logged goes into that very pipe.
        // There is one already when a supervisor has come and gone without asking for what was read.
        if (_orphanOutput is null && _worker.Output is { } output)
        {
            _orphanOutput = new OrphanOutput(output, _poller);
            _orphanOutput.Start();
        }

        LogSupervisorGone();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        if (!_gateIsOpen && !_isPaused)
            patience.CancelAfter(s_orphanTime);
        try
        {
            await _supervisor.ReuniteAsync(patience.Token);
            LogReunited();
            return true;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private HelloMessage Hello()
    {
        var version = typeof(WorkerSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
        var hosting = version?.InformationalVersion ?? "unknown";
        IReadOnlyList<string> capabilities = [WorkerCapabilities.HandOver, .. _parts.SelectMany(part => part.Capabilities)];
        return _parts.Aggregate(
            new HelloMessage(WorkerChannel.Protocol, hosting, capabilities), static (said, part) => part.Complete(said));
    }

    private async Task HandleAsync(ReceivedWorkerMessage received, CancellationToken stopping)
    {
        switch (received.Message)
        {
            case ConnectMessage connect:
                Connect(connect.Listener, received.TakeDescriptor());
                break;
            case ActivateMessage activate:
                await ActivateAsync(received.TakeDescriptor(), activate.KeepGateClosed == true);
                break;
            case DrainMessage drain:
                await BeginDrainAsync(TimeSpan.FromMilliseconds(drain.TimeoutMs), received.TakeDescriptor());
                break;
            case PauseMessage:
                await PauseAsync();
                await _supervisor.SayAsync(new PausedMessage());
                break;
            case ResumeMessage resume:
                await ResumeAsync(resume.KeepGateClosed == true);
                break;
            case IdentifyMessage identify:
                await IdentifyAsync(identify.WithDescriptors, stopping);
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
                found.Adopt(new Arrival(descriptor.ToSocket(), Unread: [], ArrivalOrigin.Supervisor));
        }
    }

    private async Task ActivateAsync(FileDescriptor? channel, bool keepGateClosed)
    {
        if (channel is not null)
            _ = new HandOverReceiver(new SeqPacketChannel(channel, _poller), _transport, _logger).RunAsync();
        await (keepGateClosed ? PauseAsync() : OpenGateAsync());
        LogActivated(_worker.Generation, _worker.Release);
        await _supervisor.SayAsync(new ActivatedMessage());
    }

    private async Task BeginDrainAsync(TimeSpan timeout, FileDescriptor? channel)
    {
        await TakeDrainBackAsync();
        await CloseGateAsync();
        _isPaused = false;
        _isDraining = true;
        var peer = channel is null ? null : new HandOverSender(new SeqPacketChannel(channel, _poller), LogPeerGone);
        _drain = DrainAsync(peer, timeout, _drainTakenBack.Token);
    }

    private async Task DrainAsync(HandOverSender? peer, TimeSpan timeout, CancellationToken takenBack)
    {
        try
        {
            var report = await _connections.DrainAsync(peer, timeout, takenBack);
            if (peer is not null)
                await peer.FinishAsync();
            await HandleDatagramsAsync(timeout - TimeSpan.FromMilliseconds(report.DurationMs), takenBack);
            await _reporter.ReportAsync();
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

    // What this process has received, no other will.
    private async Task HandleDatagramsAsync(TimeSpan left, CancellationToken takenBack)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(takenBack);
        patience.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        try
        {
            await _datagrams.HandledAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!takenBack.IsCancellationRequested)
        {
            // The application's stop gives up what is left.
        }
    }

    private async Task ResumeAsync(bool keepGateClosed)
    {
        await TakeDrainBackAsync();
        await (keepGateClosed ? PauseAsync() : OpenGateAsync());
        await _supervisor.SayAsync(new ResumedMessage());
    }

    private async Task OpenGateAsync()
    {
        foreach (var listener in _transport.Listeners)
            await listener.OpenAsync();
        _datagrams.Open();
        _gateIsOpen = true;
        _isPaused = false;
    }

    private async Task PauseAsync()
    {
        await CloseGateAsync();
        _isPaused = true;
    }

    private async Task CloseGateAsync()
    {
        _datagrams.Close();
        foreach (var listener in _transport.Listeners)
            await listener.CloseAsync();
        _gateIsOpen = false;
    }

    private async Task IdentifyAsync(bool withDescriptors, CancellationToken stopping)
    {
        if (withDescriptors)
        {
            foreach (var listener in _worker.Listeners)
                await _supervisor.SayAsync(new SocketMessage(listener.Id), [listener.Descriptor], stopping);
            await GiveOutputAsync(stopping);
        }

        await _supervisor.SayAsync(new IdentityMessage(
            Hello(),
            Environment.ProcessId,
            _worker.Generation,
            _worker.Slot,
            _worker.Release,
            _application.ApplicationStarted.IsCancellationRequested,
            _gateIsOpen,
            _isDraining,
            _isPaused));
    }

    private async Task GiveOutputAsync(CancellationToken stopping)
    {
        if (_worker.Output is not { } output)
            return;
        using var read = _orphanOutput is null ? null : await _orphanOutput.StopAsync();
        await _supervisor.SayAsync(new OutputMessage(), read is null ? [output] : [output, read], stopping);
        if (_orphanOutput is not null)
            await _orphanOutput.DisposeAsync();
        _orphanOutput = null;
    }

    private async Task TakeDrainBackAsync()
    {
        _isDraining = false;
        _connections.Resume();
        await _drainTakenBack.CancelAsync();
        await _drain;
        _drainTakenBack.Dispose();
        _drainTakenBack = new CancellationTokenSource();
    }

    [LoggerMessage(EventId = 100, EventName = "Activated", Level = LogLevel.Information,
        Message = "Generation {Generation} of release {Release} accepts connections.")]
    private partial void LogActivated(long generation, string release);

    [LoggerMessage(EventId = 101, EventName = "SupervisorGone", Level = LogLevel.Error,
        Message = "The supervisor is gone. What is served is served on; 'midstream run' starts a supervisor that takes over.")]
    private partial void LogSupervisorGone();

    [LoggerMessage(EventId = 104, EventName = "Reunited", Level = LogLevel.Information,
        Message = "Another supervisor has taken over.")]
    private partial void LogReunited();

    [LoggerMessage(
        EventId = 102, EventName = "ControlChannelBroken", Level = LogLevel.Error, Message = "The control channel broke.")]
    private partial void LogChannelBroken(Exception error);

    [LoggerMessage(EventId = 103, EventName = "PeerGone", Level = LogLevel.Warning,
        Message = "The generation that took over connections is gone; what it had not acknowledged is served here.")]
    private partial void LogPeerGone();
}
