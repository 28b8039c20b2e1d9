using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

/// <summary>Sends numbered datagrams and collects the answers. So few are unanswered at once that they fit into the socket's
/// queue many times over: what gets lost was not lost by the kernel.</summary>
internal sealed class DatagramSender : IAsyncDisposable
{
    // A datagram takes some 800 bytes of a queue of at least 200 KB (net.core.rmem_default).
    private const int UnansweredMax = 64;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    private readonly UdpClient _client = new();
    private readonly CancellationTokenSource _enough = new();
    private readonly ConcurrentDictionary<int, ConcurrentBag<int>> _answers = [];
    private readonly Task _sending;
    private readonly Task _receiving;
    private int _sent;

    public DatagramSender(string url)
    {
        _client.Connect(IPEndPoint.Parse(new Uri(url).Authority));
        _receiving = ReceiveAsync();
        _sending = SendAsync();
    }

    /// <summary>Gets how many were sent.</summary>
    public int Sent => _sent;

    /// <summary>Gets how many have an answer.</summary>
    public int Answered => _answers.Count;

    /// <summary>Gets the processes that have answered.</summary>
    public IReadOnlySet<int> Processes => _answers.Values.SelectMany(static pids => pids).ToHashSet();

    /// <summary>Waits until a number of datagrams more are answered.</summary>
    /// <param name="more">The number.</param>
    public Task AnsweredAsync(int more)
    {
        var enough = Answered + more;
        return Eventually.HoldsAsync(() => Answered >= enough, () => $"{Answered} of {Sent} are answered.");
    }

    /// <summary>Sends no more and waits for the last answers.</summary>
    /// <returns>The numbers that were answered more than once.</returns>
    public async Task<IReadOnlyList<int>> EndAsync()
    {
        await _enough.CancelAsync();
        await _sending;
        await Eventually.HoldsAsync(() => Answered == Sent, () => $"{Sent - Answered} of {Sent} are lost.");
        return [.. _answers.Where(static answer => answer.Value.Count != 1).Select(static answer => answer.Key)];
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await _sending;
        _client.Dispose();
        await _receiving;
        _enough.Dispose();
    }

    private async Task SendAsync()
    {
        while (!_enough.IsCancellationRequested)
        {
            if (Sent - Answered < UnansweredMax)
            {
                var number = Interlocked.Increment(ref _sent);
                await _client.SendAsync(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
            }

            await Task.Delay(s_pause);
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var answer = Encoding.ASCII.GetString((await _client.ReceiveAsync()).Buffer).Split(' ');
                _answers.GetOrAdd(int.Parse(answer[0], CultureInfo.InvariantCulture), static _ => [])
                    .Add(int.Parse(answer[1], CultureInfo.InvariantCulture));
            }
        }
        catch (Exception over) when (over is ObjectDisposedException or SocketException)
        {
            // The sender has ended.
        }
    }
}
