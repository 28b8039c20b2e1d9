// A gRPC service that knows nothing of Midstream: what the tests of HTTP/2's hardest users deploy.

using Grpc.AspNetCore.Server.Model;
using Rpc;

var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.Services.AddGrpc();
builder.Services.AddSingleton<IServiceMethodProvider<RpcService>, RpcService>();
var app = builder.Build();
app.MapGrpcService<RpcService>();
app.Run();
