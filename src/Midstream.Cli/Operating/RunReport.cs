using System.Text.Json;
using System.Text.Json.Serialization;
using Midstream.Cli.Terminal;
using Midstream.Supervisor;

namespace Midstream.Cli.Operating;

/// <summary>What <c>midstream run</c> shows: events on standard error, the workers' output as it is on standard output.</summary>
/// <param name="json">True for events as JSON lines.</param>
/// <param name="paint">The colours.</param>
internal sealed class RunReport(bool json, Paint paint) : ISupervisorObserver
{
    public void OnEvent(SupervisorEvent what) =>
        Console.Error.WriteLine(json ? JsonSerializer.Serialize(what, RunReportJson.Default.SupervisorEvent) : Describe(what));

    public void OnOutput(long generation, string line) => Console.Out.WriteLine(line);

    private string Describe(SupervisorEvent what)
    {
        var text = $"midstream {what.At:HH:mm:ss.fff} {what.Text}";
        return what.Level == EventLevel.Information ? paint.Dim(text) : paint.Bad(text);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SupervisorEvent))]
internal sealed partial class RunReportJson : JsonSerializerContext;
