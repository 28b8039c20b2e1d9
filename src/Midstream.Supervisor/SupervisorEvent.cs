namespace Midstream.Supervisor;

/// <summary>How much a supervisor's event matters.</summary>
public enum EventLevel
{
    /// <summary>What an operator expects to read: a generation serves, a release is committed.</summary>
    Information,

    /// <summary>Something went wrong and was dealt with.</summary>
    Warning,

    /// <summary>Somebody should look.</summary>
    Error,
}

/// <summary>Something that an operator who watches the supervisor's terminal or journal should know. The library never prints;
/// who runs it decides where events go.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Name">What it is, for programs; the names are stable.</param>
/// <param name="Text">What it is, for people.</param>
public sealed record SupervisorEvent(DateTimeOffset At, EventLevel Level, string Name, string Text);

/// <summary>Takes a supervisor's events and its workers' output. Called from any thread; must not block for long.</summary>
public interface ISupervisorObserver
{
    /// <summary>Something has happened.</summary>
    /// <param name="what">What.</param>
    void OnEvent(SupervisorEvent what);

    /// <summary>A worker has written a line.</summary>
    /// <param name="generation">The generation's number.</param>
    /// <param name="line">The line, without its end.</param>
    void OnOutput(long generation, string line);
}

/// <summary>Shortens the reporting of events.</summary>
internal static class SupervisorObserverExtensions
{
    public static void Information(this ISupervisorObserver observer, string name, string text) =>
        observer.OnEvent(new SupervisorEvent(DateTimeOffset.UtcNow, EventLevel.Information, name, text));

    public static void Warning(this ISupervisorObserver observer, string name, string text) =>
        observer.OnEvent(new SupervisorEvent(DateTimeOffset.UtcNow, EventLevel.Warning, name, text));

    public static void Error(this ISupervisorObserver observer, string name, string text) =>
        observer.OnEvent(new SupervisorEvent(DateTimeOffset.UtcNow, EventLevel.Error, name, text));
}
