using System.Text;
using Midstream.Hosting;
using Midstream.Hosting.Datagrams;

namespace Movable;

/// <summary>Answers each datagram with its text and the process, after a moment in which the process may be told to end.</summary>
internal sealed class DatagramEcho : IDatagramHandler
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(20);

    public async ValueTask HandleAsync(Datagram datagram, CancellationToken cancellationToken)
    {
        var text = Encoding.ASCII.GetString(datagram.Bytes.Span);
        await Task.Delay(s_moment, cancellationToken);
        await datagram.ReplyAsync(Encoding.ASCII.GetBytes($"{text} {Environment.ProcessId}"), cancellationToken);
    }
}
