using System.Text.Json;

namespace Midstream.Releases;

// Decides whether a startup hook may be set for a release. A hook that cannot be loaded ends the program before its first
// line, so whenever the folder says that it would not fit, the answer is no.

internal static class InjectionJudge
{
    private const string WebFramework = "Microsoft.AspNetCore.App";
    private const int OldestMajor = 10;

    /// <summary>Judges the configurations that may be the program's: it fits when it fits each of them.</summary>
    public static InjectionFit Judge(IEnumerable<string> configFiles) =>
        configFiles.Select(JudgeOne).FirstOrDefault(fit => !fit.IsPossible) ?? InjectionFit.Possible;

    private static InjectionFit JudgeOne(string path)
    {
        try
        {
            return Judge(RuntimeConfig.Read(path));
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            return No($"'{Path.GetFileName(path)}' cannot be read as a runtime configuration: {error.Message}");
        }
    }

    private static InjectionFit Judge(RuntimeConfig config)
    {
        var web = config.Frameworks.FirstOrDefault(framework => framework.Name == WebFramework);
        if (web is null)
            return No($"'{config.FileName}' names no {WebFramework}; it asks for {Listed(config)}");
        if (web.Major is null or < OldestMajor)
            return No($"'{config.FileName}' asks for {web}; {WebFramework} {OldestMajor} or newer is needed");
        return config.HooksAreOff
            ? No($"'{config.FileName}' switches start-up hooks off; call AddMidstream() in the application instead")
            : InjectionFit.Possible;
    }

    private static InjectionFit No(string reason) => new(false, reason);

    private static string Listed(RuntimeConfig config) =>
        config.Frameworks.Count == 0 ? "no framework" : string.Join(", ", config.Frameworks);
}
