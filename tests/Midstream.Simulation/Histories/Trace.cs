// What happened in a history, for people. Nothing is written down but when somebody reads it.

using System.Runtime.CompilerServices;
using Midstream.Simulation.Scheduling;

namespace Midstream.Simulation.Histories;

internal sealed class Trace(Scheduler scheduler, TextWriter? reader)
{
    internal bool IsRead => reader is not null;

    internal void Say([InterpolatedStringHandlerArgument("")] Text text)
    {
        reader?.WriteLine($"{new TimeSpan(scheduler.Now).TotalSeconds,10:0.0000} s  {text.Take()}");
    }

    /// <summary>Formats only what is read.</summary>
    [InterpolatedStringHandler]
    internal ref struct Text
    {
        private DefaultInterpolatedStringHandler _inner;

        public Text(int literalLength, int formattedCount, Trace trace, out bool isWanted)
        {
            isWanted = trace.IsRead;
            if (isWanted)
                _inner = new DefaultInterpolatedStringHandler(literalLength, formattedCount);
        }

        public void AppendLiteral(string text) => _inner.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _inner.AppendFormatted(value);

        internal string Take() => _inner.ToStringAndClear();
    }
}
