// A service written for systemd's socket activation: it takes its listener from LISTEN_FDS and says READY=1 itself.

var builder = WebApplication.CreateBuilder(args);
builder.Host.UseSystemd();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseSystemd());

var app = builder.Build();
app.MapGet("/", () => $"{Environment.ProcessId}\n");
app.MapGet("/slow", async (int ms, CancellationToken cancellation) =>
{
    await Task.Delay(Math.Clamp(ms, 0, 60_000), cancellation);
    return $"{Environment.ProcessId}\n";
});

app.Run();
