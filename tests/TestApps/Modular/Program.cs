// An application that hosts modules and references no more of Midstream than that: what the tests of the module commands deploy.
//
//   GET /      the process that answers, so that a test can tell workers apart
//   GET /**    whatever a module at that path says
//   MODULAR_DATA         where packages are kept
//   MODULAR_KEEP_MS      how long a generation that was replaced is kept for a rollback
//   MODULAR_UNLOAD_MS    how long a generation may take to leave the memory before it is looked for what keeps it

using System.Globalization;
using Midstream.Modules;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddModules("modules", options =>
{
    options.DataFolder = Environment.GetEnvironmentVariable("MODULAR_DATA") ?? options.DataFolder;
    options.KeepPrevious = Milliseconds("MODULAR_KEEP_MS") ?? options.KeepPrevious;
    options.UnloadTimeout = Milliseconds("MODULAR_UNLOAD_MS") ?? options.UnloadTimeout;
});
var app = builder.Build();
app.MapGet("/", () => $"{Environment.ProcessId}");
app.Run();

static TimeSpan? Milliseconds(string variable) =>
    int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var milliseconds)
        ? TimeSpan.FromMilliseconds(milliseconds) : null;
