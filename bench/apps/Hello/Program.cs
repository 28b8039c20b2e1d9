// The service that Midstream and plain Kestrel run, the same program for both: tiny answers, a large one, and a body that is
// read. As plain Kestrel it takes its listener from LISTEN_FDS, or binds what ASPNETCORE_URLS says.

using Hello;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, MessageJson.Default));
builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseSystemd());

var app = builder.Build();
app.MapRelease();
app.MapSteady();
app.Run();
