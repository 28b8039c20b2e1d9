// An application is not told of the switch. But it is logged: between the opening of the gate and the answer that it is open.

namespace Misbehaving;

/// <summary>Comes to the gate's point <c>switch</c>.</summary>
/// <param name="gate">The gate.</param>
internal sealed class SwitchPoint(Gate gate) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name == "Activated")
            gate.Pass("switch");
    }

    public void Dispose()
    {
    }
}
