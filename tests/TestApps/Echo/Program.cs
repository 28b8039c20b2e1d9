// A service whose every endpoint is one way a connection can be busy when it is moved to another process.

using Echo;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseProxyProtocol();
var app = builder.Build();

app.UseRequestCount();
app.UseRequestIdEcho();
app.UseWebSockets();
app.MapIdentity();
app.MapAnswers();
app.MapBodies();
app.MapEvents();
app.MapWebSocketEcho();
app.MapMemory();

app.Run();
