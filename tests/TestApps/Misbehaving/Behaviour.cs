// What the service is to do wrong.

using System.Globalization;

namespace Misbehaving;

/// <summary>
/// Names a fault: <c>crash-at-start</c> (exit code 3), <c>exit-at-once</c> (exit code 0), <c>hang-at-start</c>,
/// <c>throw-at-start</c>, <c>unhealthy</c> (500 at <c>/healthz</c>), <c>crash-after:MS</c> (exit code 3, counted from when it
/// serves), <c>unhealthy-after:MS</c>, <c>never-answer</c>, <c>ignore-term</c>, <c>fail-in-slot:N</c> (exit code 3 in that slot
/// only), <c>hang-in-slot:N</c>, <c>at:POINT:FOLDER</c> (see <see cref="Gate"/>), or <c>none</c>. <c>GET /crash</c> always
/// aborts it.
/// </summary>
internal sealed record Behaviour(string Name, int Ms, Gate Gate)
{
    private static readonly string[] s_known =
    [
        "none", "crash-at-start", "exit-at-once", "hang-at-start", "throw-at-start", "unhealthy", "crash-after",
        "unhealthy-after", "never-answer", "ignore-term", "fail-in-slot", "hang-in-slot", "at",
    ];

    public static Behaviour Read()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "misbehave");
        var text = Environment.GetEnvironmentVariable("MISBEHAVE") ?? (File.Exists(file) ? File.ReadAllText(file) : "none");
        var parts = text.Trim().Split(':');
        // A misspelt fault would be a test that tests nothing.
        if (!s_known.Contains(parts[0]))
            throw new ArgumentException($"MISBEHAVE is '{text}'; it must be one of: {string.Join(", ", s_known)}.");
        return parts[0] == "at"
            ? new Behaviour(parts[0], 0, new Gate(parts[1], parts[2]))
            : new Behaviour(
                parts[0], parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0, Gate.Nowhere);
    }
}
