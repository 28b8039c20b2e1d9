// A service whose every endpoint is one way a connection can be busy when it is moved to another process.

using Echo;

var app = WebApplication.CreateBuilder(args).Build();

app.UseRequestCount();
app.UseRequestIdEcho();
app.UseWebSockets();
app.MapIdentity();
app.MapAnswers();
app.MapBodies();
app.MapWebSocketEcho();
app.MapMemory();

app.Run();
