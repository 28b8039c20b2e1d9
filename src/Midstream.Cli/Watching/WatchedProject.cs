using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Midstream.Cli.Operating;

namespace Midstream.Cli.Watching;

/// <summary>What a build of a project reads, as far as it is told by the files themselves.</summary>
/// <param name="All">Changes whenever any file does.</param>
/// <param name="Projects">Changes whenever a file does that says what has to be restored.</param>
internal readonly record struct BuildInputs(string All, string Projects);

/// <summary>A module's project and those it references: where they are, and what is in them. Immutable.</summary>
/// <param name="Path">The project's file.</param>
/// <param name="Folders">The folders of all of them, none inside another.</param>
internal sealed record WatchedProject(string Path, IReadOnlyList<string> Folders)
{
    private static readonly string[] s_projectFiles = [".csproj", ".props", ".targets", ".config"];

    private static readonly EnumerationOptions s_own =
        new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Finds a project.</summary>
    /// <param name="path">Its file, or the folder it is in.</param>
    /// <exception cref="CommandException">There is none, or several, or no module is in it.</exception>
    public static WatchedProject Find(string path)
    {
        var project = FileOf(System.IO.Path.GetFullPath(path));
        if (!File.Exists(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(project)!, "module.json")))
            throw new CommandException(
                ExitCodes.Usage,
                $"{project} is no module's project: it has no module.json beside it. 'dotnet new midstream-module' makes one.");
        var folders = References(project).Select(one => System.IO.Path.GetDirectoryName(one)!).Distinct().ToList();
        return new WatchedProject(project, [.. folders.Where(folder => !folders.Exists(other => IsIn(other, folder)))]);
    }

    /// <summary>Tells whether a change of a file means anything: not what builds and editors leave beside the source.</summary>
    public bool IsInput(string file)
    {
        var folder = Folders.FirstOrDefault(folder => IsIn(folder, file));
        return folder is not null && !file[(folder.Length + 1)..].Split('/').Any(IsOutputOrTemporary);
    }

    /// <summary>Reads what there is now.</summary>
    public BuildInputs Read()
    {
        var files = Folders.SelectMany(FilesIn).Order(StringComparer.Ordinal).ToList();
        return new BuildInputs(
            Fingerprint(files), Fingerprint(files.Where(file => s_projectFiles.Contains(System.IO.Path.GetExtension(file)))));
    }

    private static bool IsIn(string folder, string path) => path.StartsWith($"{folder}/", StringComparison.Ordinal);

    private static string FileOf(string path)
    {
        if (File.Exists(path))
            return path;
        var found = Directory.Exists(path) ? Directory.GetFiles(path, "*.csproj") : [];
        return found.Length == 1 ? found[0] : throw new CommandException(
            ExitCodes.Usage, $"There {(found.Length == 0 ? "is no" : "is more than one")} project in {path}. Name the .csproj.");
    }

    // As far as the file itself says; what a property or an import adds is not watched.
    private static List<string> References(string project)
    {
        var found = new List<string> { project };
        for (var i = 0; i < found.Count; i++)
        {
            var folder = System.IO.Path.GetDirectoryName(found[i])!;
            found.AddRange(IncludesOf(found[i])
                .Select(include => include.Replace("$(MSBuildThisFileDirectory)", "", StringComparison.Ordinal))
                .Select(include => System.IO.Path.GetFullPath(include.Replace('\\', '/'), folder))
                .Where(other => File.Exists(other) && !found.Contains(other)).ToList());
        }

        return found;
    }

    private static IEnumerable<string> IncludesOf(string project)
    {
        try
        {
            return [.. XDocument.Load(project).Descendants("ProjectReference")
                .Select(reference => (string?)reference.Attribute("Include")).OfType<string>()];
        }
        catch (Exception error) when (error is XmlException or IOException)
        {
            // Half written: the build says what is wrong with it.
            return [];
        }
    }

    private static IEnumerable<string> FilesIn(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", s_own))
        {
            if (IsOutputOrTemporary(entry.Name))
                continue;
            if (entry is FileInfo)
                yield return entry.FullName;
            else
            {
                foreach (var file in FilesIn(entry.FullName))
                    yield return file;
            }
        }
    }

    private static bool IsOutputOrTemporary(string name) => name is "bin" or "obj"
        || name.StartsWith('.') || name.EndsWith('~')
        || name.EndsWith(".swp", StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal);

    private static string Fingerprint(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            // One that has gone meanwhile has length -1, and the next look has another fingerprint.
            var info = new FileInfo(file);
            var line = string.Create(
                CultureInfo.InvariantCulture, $"{file}\n{(info.Exists ? info.Length : -1)}\n{info.LastWriteTimeUtc.Ticks}\n");
            hash.AppendData(Encoding.UTF8.GetBytes(line));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
