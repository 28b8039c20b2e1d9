// What the service is to do wrong.

namespace Misbehaving;

/// <summary>
/// Names a fault: <c>crash-at-start</c> (exit code 3), <c>exit-at-once</c> (exit code 0), <c>hang-at-start</c>,
/// <c>throw-at-start</c>, <c>unhealthy</c> (500 at <c>/healthz</c>), <c>crash-when:FILE</c> (exit code 3 when it serves and the
/// file is there), <c>unhealthy-when:FILE</c>, <c>never-answer</c>, <c>ignore-term</c>, <c>fail-in-slot:N</c> (exit code 3 in
/// that slot only), <c>hang-in-slot:N</c>, <c>at:POINT:FOLDER</c> (see <see cref="Gate"/>), or <c>none</c>. <c>GET /crash</c>
/// always aborts it.
/// </summary>
/// <param name="Name">The fault.</param>
/// <param name="Slot">The slot that has it.</param>
/// <param name="When">It goes wrong from when this file is there: the test says when, not a clock.</param>
/// <param name="Gate">Where it is held.</param>
internal sealed record Behaviour(string Name, string? Slot, string? When, Gate Gate)
{
    private static readonly string[] s_known =
    [
        "none", "crash-at-start", "exit-at-once", "hang-at-start", "throw-at-start", "unhealthy", "crash-when",
        "unhealthy-when", "never-answer", "ignore-term", "fail-in-slot", "hang-in-slot", "at",
    ];

    public static Behaviour Read()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "misbehave");
        var text = Environment.GetEnvironmentVariable("MISBEHAVE") ?? (File.Exists(file) ? File.ReadAllText(file) : "none");
        var parts = text.Trim().Split(':');
        // A misspelt fault would be a test that tests nothing.
        if (!s_known.Contains(parts[0]))
            throw new ArgumentException($"MISBEHAVE is '{text}'; it must be one of: {string.Join(", ", s_known)}.");
        return parts switch
        {
            ["at", var point, var folder] => new Behaviour("at", null, null, new Gate(point, folder)),
            ["crash-when" or "unhealthy-when", var when] => new Behaviour(parts[0], null, when, Gate.Nowhere),
            [var name, var slot] => new Behaviour(name, slot, null, Gate.Nowhere),
            _ => new Behaviour(parts[0], null, null, Gate.Nowhere),
        };
    }
}
