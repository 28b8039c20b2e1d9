using System.Collections.Concurrent;
using System.Diagnostics;

namespace Midstream.Hosting.Transport;

/// <summary>
/// The connections that were accepted a moment ago, and whose first request may still be on its way. A server that stops closes
/// every connection on which it has read nothing; these deserve a moment, for a client that connects is about to ask.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Newcomers
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentQueue<FirstWord> _awaited = new();

    /// <summary>Gets or sets how long after its arrival a connection's first bytes are waited for: half a second.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Remembers a connection for a moment.</summary>
    /// <param name="arrived">What tells of its first bytes.</param>
    public void Add(FirstWord arrived)
    {
        ForgetOld();
        _awaited.Enqueue(arrived);
    }

    /// <summary>Waits until of each something was read, it has ended, or has had its moment.</summary>
    /// <returns>A task that ends then, at once when there is none.</returns>
    public async Task HeardAsync()
    {
        while (!ForgetOld())
            await Task.Delay(s_interval, CancellationToken.None);
    }

    private bool ForgetOld()
    {
        while (_awaited.TryPeek(out var oldest) && oldest.IsOver(Patience))
            _awaited.TryDequeue(out _);
        return _awaited.IsEmpty;
    }

    /// <summary>Tells whether the server has read anything of a connection yet: what has only arrived, it would throw
    /// away.</summary>
    internal sealed class FirstWord
    {
        private readonly long _arrivedAt = Stopwatch.GetTimestamp();
        private volatile bool _heard;

        /// <summary>Says whether nothing more is to be waited for.</summary>
        /// <param name="patience">How long after its arrival a connection is waited for.</param>
        public bool IsOver(TimeSpan patience) => _heard || Stopwatch.GetElapsedTime(_arrivedAt) >= patience;

        /// <summary>The server has looked at the first bytes, or the connection has ended.</summary>
        public void Heard()
        {
            if (!_heard)
                _heard = true;
        }
    }
}
