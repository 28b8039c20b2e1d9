// An application whose conversations go on when it is replaced: what the tests of moved WebSockets and moved raw connections
// deploy. On the first address it speaks HTTP, on the second, if there is one, a protocol of lines.
//
//   GET /slow          the process
//   GET /poll          waits until there is nothing to wait for: the next process has taken over
//   GET /ws            a WebSocket that answers each message with the number of messages so far, the process, and the message
//   GET /ws?compress=1 the same with compression, if the client offers it
//   GET /ws?fail=1     the same, and it cannot save its state
//   GET /ws?state=N    the same, with N bytes of state beside the count
//   a line             is answered in the same way
//   a datagram         to the socket that DATAGRAM_SOCKET names, if it does, is answered with itself and the process

using System.Net;
using Microsoft.AspNetCore.Connections;
using Midstream;
using Midstream.Hosting;
using Movable;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddMidstream();
if (Environment.GetEnvironmentVariable("DATAGRAM_SOCKET") is { } datagrams)
    builder.AddDatagramHandler<DatagramEcho>(datagrams, concurrencyMax: 32);
var addresses = (Environment.GetEnvironmentVariable("ASPNETCORE_URLS") ?? "http://127.0.0.1:5000").Split(';')
    .Select(static url => IPEndPoint.Parse(new Uri(url).Authority)).ToArray();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Listen(addresses[0]);
    if (addresses.Length > 1)
        kestrel.Listen(addresses[1], static listen => listen.UseConnectionHandler<LineHandler>());
});

var app = builder.Build();
app.UseWebSockets();
app.MapGet("/slow", static () => $"{Environment.ProcessId}\n");
app.MapGet("/poll", static async (IHandOverNotice notice, CancellationToken cancellation) =>
{
    using var either = CancellationTokenSource.CreateLinkedTokenSource(notice.HandingOver, cancellation);
    await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
    return $"nothing new {Environment.ProcessId}\n";
});
app.MapPage();
app.Map("/ws", Conversation.HandleAsync);
app.Run();
