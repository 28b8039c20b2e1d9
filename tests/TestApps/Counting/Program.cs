// An application that hands its counts over and has a service that must run once: what the tests of state and leases deploy.
//
//   POST /counts/{key}   counts one up, and answers with the new count and the process that answered
//   GET  /counts/{key}   the count
//   POST /fill/{number}  writes so many entries, each with its own number
//   GET  /sum            number and sum of all entries
//   COUNTING_BEAT        a file to which the singular service appends "start PID", and "stop PID" at its end
//   COUNTING_TICK_MS     if set, it also appends "tick PID GENERATION MS" so often, with the time since the machine's start
//   COUNTING_VERSION     the version it writes; it reads and writes that one and the one before
//   misbehave            a file beside the program, if there is one: it ends before it is ready
//   COUNTING_STUBBORN    if set, the singular service does not stop

using System.Globalization;
using Counting;
using Midstream;
using Midstream.Hosting;

if (File.Exists(Path.Combine(AppContext.BaseDirectory, "misbehave")))
    return 3;

var builder = WebApplication.CreateSlimBuilder(args);
var version = int.Parse(Environment.GetEnvironmentVariable("COUNTING_VERSION") ?? "1", CultureInfo.InvariantCulture);
int[] versions = version == 1 ? [1] : [version - 1, version];
builder.AddMidstream();
builder.AddState(_ => new StateDictionary<long, long>("counts", StateCodec.Number, StateCodec.Number, new StateDictionaryOptions
{
    Version = version,
    Reads = versions,
    Writes = versions,
}));
builder.AddSingularService<Beat>();

var app = builder.Build();
app.MapPost("/counts/{key:long}", async (long key, StateDictionary<long, long> counts) =>
    $"{await counts.UpdateAsync(key, static present => present.Value + 1)} {Environment.ProcessId}");
app.MapGet("/counts/{key:long}", async (long key, StateDictionary<long, long> counts) =>
    $"{(await counts.GetAsync(key)).Value} {Environment.ProcessId}");
app.MapPost("/fill/{number:long}", async (long number, StateDictionary<long, long> counts) =>
{
    for (var key = 0L; key < number; key++)
        await counts.SetAsync(key, key);
    return $"{number} {Environment.ProcessId}";
});
app.MapGet("/sum", (StateDictionary<long, long> counts) =>
{
    var entries = counts.Snapshot();
    return $"{entries.Count} {entries.Sum(static entry => entry.Value)}";
});
app.Run();
return 0;
