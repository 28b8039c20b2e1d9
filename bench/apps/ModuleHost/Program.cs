// What eng/bench.sh modules measures: two applications in one process, the same endpoints once as an application's own and once
// in a slot, so that what else the process does meets both alike. A third one takes the bench's commands. The only argument is a
// folder for what is stored; the addresses are written to the file "addresses" in it.

using System.Text.Json;
using Measured;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Routing;
using Midstream.Modules;
using ModuleHost;

var folder = args[0];
// At the path that the slot is at, so that finding the endpoint costs the same.
await using var plain = Build(
    builder => builder.Services.AddScoped<Greeting>(), routes => Endpoints.Map(routes.MapGroup("/measured")));
await using var slots = Build(
    builder => builder.AddModules(configure: options =>
    {
        options.DataFolder = Path.Combine(folder, "data");
        // A machine under load is not to spoil a run: nothing here is expected to come near it.
        options.FreezeMax = TimeSpan.FromSeconds(10);
        options.MigrateTimeout = TimeSpan.FromMinutes(5);
        options.UnloadTimeout = TimeSpan.FromSeconds(30);
    }),
    _ => { });
await plain.StartAsync();
await slots.StartAsync();

var commands = new Commands(slots, [new("plain", ServerOf(plain)), new("slots", ServerOf(slots))]);
await using var control = Build(_ => { }, commands.Map);
await control.StartAsync();

var addresses = new Addresses(control.Urls.Single(), plain.Urls.Single(), slots.Urls.Single());
var file = Path.Combine(folder, "addresses");
File.WriteAllText(file + ".new", JsonSerializer.Serialize(addresses, CommandJson.Default.Addresses));
File.Move(file + ".new", file);
await control.WaitForShutdownAsync();
await slots.StopAsync();
await plain.StopAsync();

static WebApplication Build(Action<WebApplicationBuilder> configure, Action<IEndpointRouteBuilder> map)
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.WebHost.UseUrls("http://127.0.0.1:0");
    DirectServer.PutInFrontOf(builder.Services);
    configure(builder);
    var application = builder.Build();
    map(application);
    return application;
}

static DirectServer ServerOf(WebApplication application) =>
    (DirectServer)application.Services.GetRequiredService<IServer>();
