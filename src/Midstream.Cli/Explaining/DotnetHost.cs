using Midstream.Linux;

namespace Midstream.Cli.Explaining;

/// <summary>Finds the program that runs .NET assemblies.</summary>
internal static class DotnetHost
{
    private const string Program = "dotnet";

    private static readonly string[] s_installed = ["/usr/share/dotnet", "/usr/lib/dotnet", "/usr/local/share/dotnet"];

    /// <summary>Finds the host that can run what looks into a process.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>The process's own, unless another user could have put it there; else one that is installed; null for
    /// none.</returns>
    public static string? Find(int pid) => Candidates(pid).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Candidates(int pid)
    {
        if (ExecutableOf(pid) is { } own && Path.GetFileName(own) == Program && FileOwner.IsOnlyOurs(own))
            yield return own;
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root)
            yield return Path.Combine(root, Program);
        var searched = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (var folder in searched.Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(s_installed))
            yield return Path.Combine(folder, Program);
    }

    private static string? ExecutableOf(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/exe", returnFinalTarget: false)?.FullName;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
