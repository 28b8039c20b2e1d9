using Midstream.Bench.Processes;
using Midstream.Linux;

namespace Midstream.Bench.Peers;

/// <summary>
/// A system under comparison. Each is set up as its own documents recommend for upgrades without loss, and answers <c>/</c>
/// with 13 bytes, the release's name in <c>Bench-Release</c> and the request's own <c>X-Prove-Id</c>. Not thread-safe.
/// </summary>
/// <param name="context">What it is started with.</param>
internal abstract class Peer(PeerContext context)
{
    /// <summary>The answer's header that names the release.</summary>
    public const string ReleaseHeader = "Bench-Release";

    /// <summary>Gets where it is reached.</summary>
    public string Url => $"http://127.0.0.1:{context.Port}";

    /// <summary>Gets the command whose output contains its version.</summary>
    public abstract IReadOnlyList<string> VersionCommand { get; }

    protected PeerContext Context => context;

    protected string Folder => context.Folder;

    /// <summary>Returns the name by which answers of a release are known.</summary>
    /// <param name="release">The release, from 1.</param>
    public static string NameOf(int release) => $"r{release}";

    /// <summary>Starts it with release 1 and waits until it answers.</summary>
    public async Task StartAsync()
    {
        await BeginAsync();
        using var client = new HttpClient { Timeout = Waiting.Patience };
        await Waiting.UntilAsync($"an answer of {Url}", async () => await AnswersAsync(client));
    }

    /// <summary>Upgrades it, from the operator's command until no process, or no server, of the release before is
    /// left.</summary>
    /// <param name="release">The release to go over to.</param>
    public abstract Task UpgradeAsync(int release);

    /// <summary>What is still to be waited for before the next upgrade may begin.</summary>
    public virtual Task SettleAsync() => Task.CompletedTask;

    protected abstract Task BeginAsync();

    /// <summary>Waits until processes have ended.</summary>
    protected static Task GoneAsync(IReadOnlyCollection<ProcessStat> processes) =>
        Waiting.UntilAsync("the old processes to end", () => !processes.Any(ProcessTree.IsRunning));

    /// <summary>Lists the workers of a master: its children.</summary>
    protected static IReadOnlyList<ProcessStat> WorkersOf(int master) =>
        [.. ProcessTree.Descendants().Where(process => process.Parent == master)];

    /// <summary>Writes a file of the peer's folder.</summary>
    protected string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Waits until a file holds the id of a process that is not the given one.</summary>
    protected async Task<int> ReadPidAsync(string name, int other = 0)
    {
        var pid = 0;
        var path = Path.Combine(Folder, name);
        await Waiting.UntilAsync(
            $"the process id in {name}",
            () => File.Exists(path) && int.TryParse(File.ReadAllText(path), out pid) && pid != other);
        return pid;
    }

    /// <summary>Copies what the bench brings along for a peer into its folder.</summary>
    protected void Bring(string application)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "apps", application)))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
    }

    private async Task<bool> AnswersAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(Url));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException) when (ProcessTree.Descendants().Count > 0)
        {
            return false; // Not yet.
        }
        catch (HttpRequestException)
        {
            throw new BenchException("it has ended before it answered");
        }
    }
}
