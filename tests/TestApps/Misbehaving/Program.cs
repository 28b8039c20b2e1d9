// A service that goes wrong on request, in each of the ways a new release goes wrong.
// What it does is said by the variable MISBEHAVE or, so that a release can carry it, by a file "misbehave" beside the program.

using System.Runtime.InteropServices;
using Misbehaving;

var behaviour = Behaviour.Read();
behaviour.Gate.Pass("spawn");
switch (behaviour.Name)
{
    case "crash-at-start":
        return 3;
    case "exit-at-once":
        return 0;
    case "hang-at-start":
        await Task.Delay(Timeout.InfiniteTimeSpan);
        return 0;
    case "fail-in-slot" when Environment.GetEnvironmentVariable("MIDSTREAM_SLOT") == behaviour.Slot:
        return 3;
    case "hang-in-slot" when Environment.GetEnvironmentVariable("MIDSTREAM_SLOT") == behaviour.Slot:
        await Task.Delay(Timeout.InfiniteTimeSpan);
        return 0;
    case "throw-at-start":
        throw new InvalidOperationException("Thrown in start-up, as asked.");
}

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(behaviour.Gate).AddHostedService<ReadyPoint>();
builder.Logging.AddProvider(new SwitchPoint(behaviour.Gate));
var app = builder.Build();

if (behaviour.Name == "never-answer")
    app.Use((HttpContext _, RequestDelegate _) => Task.Delay(Timeout.InfiniteTimeSpan));

app.MapGet("/", () => $"{Environment.ProcessId} {behaviour.Name}\n");
app.MapGet("/held", () =>
{
    behaviour.Gate.Pass("drain");
    return $"{Environment.ProcessId}\n";
});
app.Lifetime.ApplicationStopping.Register(() => behaviour.Gate.Pass("stop"));
app.MapGet("/crash", () => Environment.FailFast("Asked to crash."));
var isSick = () => behaviour.Name == "unhealthy" || (behaviour.Name == "unhealthy-when" && File.Exists(behaviour.When));
app.MapGet("/healthz", () => isSick() ? Results.StatusCode(500) : Results.Text("ok"));

using var crash = new Timer(_ =>
{
    if (File.Exists(behaviour.When))
        Environment.Exit(3);
});
if (behaviour.Name == "crash-when")
    app.Lifetime.ApplicationStarted.Register(() => crash.Change(dueTime: 0, period: 20));

// Every handler of the signal runs, and the host's own would stop the service: without RunAsync nobody waits for that.
if (behaviour.Name == "ignore-term")
{
    using var deaf = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);
    await app.StartAsync();
    await Task.Delay(Timeout.InfiniteTimeSpan);
}

await app.RunAsync();
return 0;
