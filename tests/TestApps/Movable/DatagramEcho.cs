using System.Text;
using Midstream.Hosting;
using Midstream.Hosting.Datagrams;

namespace Movable;

/// <summary>Answers each datagram with its text and the process; each tenth so late that the process would have ended meanwhile,
/// if nobody waited for it.</summary>
internal sealed class DatagramEcho : IDatagramHandler
{
    private static readonly TimeSpan s_late = TimeSpan.FromMilliseconds(400);

    public async ValueTask HandleAsync(Datagram datagram, CancellationToken cancellationToken)
    {
        var text = Encoding.ASCII.GetString(datagram.Bytes.Span);
        if (text.EndsWith('0'))
            await Task.Delay(s_late, cancellationToken);
        await datagram.ReplyAsync(Encoding.ASCII.GetBytes($"{text} {Environment.ProcessId}"), cancellationToken);
    }
}
