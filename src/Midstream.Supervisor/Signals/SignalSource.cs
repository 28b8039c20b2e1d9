using System.Runtime.InteropServices;

namespace Midstream.Supervisor.Signals;

/// <summary>Hears every signal that means something to a supervisor, in place of what the runtime would do.</summary>
internal sealed class SignalSource : IDisposable
{
    // The numbers of signal(7) on x86-64 and arm64; the base library takes raw ones where it has no name.
    private static readonly (PosixSignal Signal, string Name)[] s_signals =
    [
        (PosixSignal.SIGHUP, SignalNames.Hup),
        (PosixSignal.SIGINT, SignalNames.Int),
        (PosixSignal.SIGQUIT, SignalNames.Quit),
        ((PosixSignal)10, SignalNames.Usr1),
        ((PosixSignal)12, SignalNames.Usr2),
        (PosixSignal.SIGTERM, SignalNames.Term),
        (PosixSignal.SIGTTIN, SignalNames.Ttin),
        (PosixSignal.SIGTTOU, SignalNames.Ttou),
        (PosixSignal.SIGWINCH, SignalNames.Winch),
    ];

    private readonly List<PosixSignalRegistration> _registrations;

    /// <summary>Begins to listen.</summary>
    /// <param name="onSignal">Called with the signal's name, on any thread; must not block.</param>
    public SignalSource(Action<string> onSignal) => _registrations =
    [
        .. s_signals.Select(known => PosixSignalRegistration.Create(known.Signal, context =>
        {
            context.Cancel = true;
            onSignal(known.Name);
        })),
    ];

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());
}

/// <summary>The names of the signals a supervisor acts on, as kill(1) takes them.</summary>
internal static class SignalNames
{
    public const string Hup = "HUP";
    public const string Int = "INT";
    public const string Quit = "QUIT";
    public const string Usr1 = "USR1";
    public const string Usr2 = "USR2";
    public const string Term = "TERM";
    public const string Ttin = "TTIN";
    public const string Ttou = "TTOU";
    public const string Winch = "WINCH";
}
