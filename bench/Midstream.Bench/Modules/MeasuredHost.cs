using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Midstream.Bench.Processes;

namespace Midstream.Bench.Modules;

/// <summary>The process that is measured, bench/apps/ModuleHost: the same endpoints in a slot and without one.</summary>
internal sealed class MeasuredHost : IDisposable
{
    private readonly HttpClient _control;

    private MeasuredHost(Addresses addresses)
    {
        // The end of a generation may take as long as its memory does to be free.
        _control = new HttpClient { BaseAddress = new Uri(addresses.Control), Timeout = TimeSpan.FromMinutes(10) };
        Plain = addresses.Plain;
        Slots = addresses.Slots;
    }

    /// <summary>Gets the address of the application without modules.</summary>
    public string Plain { get; }

    /// <summary>Gets the address of the application with modules.</summary>
    public string Slots { get; }

    /// <summary>Starts it.</summary>
    /// <param name="launcher">Ends it as well.</param>
    /// <param name="folder">What it may write to.</param>
    /// <param name="artifacts">What eng/build.sh has built.</param>
    public static async Task<MeasuredHost> StartAsync(Launcher launcher, string folder, string artifacts)
    {
        var program = Path.Combine(artifacts, "apps", "bench-apps-ModuleHost", "ModuleHost.dll");
        if (!File.Exists(program))
            throw new BenchException($"{program} is not there: eng/build.sh builds it");
        var process = launcher.Start(folder, ["dotnet", program, folder]);
        var file = Path.Combine(folder, "addresses");
        await Waiting.UntilAsync(
            "the host of the modules to start",
            () => process.Exited.IsCompleted
                ? throw new BenchException($"{program} has ended: {File.ReadAllText(Path.Combine(folder, "log"))}")
                : File.Exists(file));
        return new MeasuredHost(JsonSerializer.Deserialize(File.ReadAllText(file), HostJson.Default.Addresses)!);
    }

    /// <summary>Deploys a package.</summary>
    /// <exception cref="BenchException">It was not moved.</exception>
    public async Task<Deployed> DeployAsync(string package)
    {
        var deployed = await PostAsync($"/deploy?package={Uri.EscapeDataString(package)}", HostJson.Default.Deployed);
        return deployed.Moved ? deployed : throw new BenchException($"{package} was not deployed: {deployed.Reason}");
    }

    /// <summary>Sets a value of the application's configuration.</summary>
    public async Task ConfigureAsync(string key, string value)
    {
        using var response = await _control.PostAsync(Relative($"/configure?key={key}&value={value}"), content: null);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until every generation that was replaced since the last time has ended and its memory was looked
    /// at.</summary>
    public Task<Retired> RetiredAsync() => PostAsync("/retired", HostJson.Default.Retired);

    /// <summary>Puts requests to one of the two applications without a connection.</summary>
    public Task<Direct> DirectAsync(string side, string path, int requests) => PostAsync(
        string.Create(CultureInfo.InvariantCulture, $"/direct?side={side}&path={Uri.EscapeDataString(path)}&requests={requests}"),
        HostJson.Default.Direct);

    /// <summary>Reads what the process has used.</summary>
    public async Task<Usage> UsageAsync() => (await _control.GetFromJsonAsync(Relative("/usage"), HostJson.Default.Usage))!;

    /// <summary>Reads what the process holds after a full collection.</summary>
    public async Task<Memory> MemoryAsync() => (await _control.GetFromJsonAsync(Relative("/memory"), HostJson.Default.Memory))!;

    public void Dispose() => _control.Dispose();

    private async Task<T> PostAsync<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        using var response = await _control.PostAsync(Relative(path), content: null);
        if (!response.IsSuccessStatusCode)
            throw new BenchException($"{path} was answered with {(int)response.StatusCode}");
        return (await response.Content.ReadFromJsonAsync(type))!;
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);
}

internal sealed record Addresses(string Control, string Plain, string Slots);

/// <summary>A swap, as the host has seen it.</summary>
internal sealed record Deployed(
    bool Moved, string? Reason, long Generation, double TotalMs, double FreezeMs, double CollectorMs,
    IReadOnlyDictionary<string, double> PhasesMs);

/// <summary>Generations that have ended.</summary>
/// <param name="Ended">How many.</param>
/// <param name="Collected">How many of them have left the memory.</param>
/// <param name="Faults">What went wrong, and what keeps those that have not.</param>
internal sealed record Retired(int Ended, int Collected, IReadOnlyList<string> Faults);

internal sealed record Direct(double NsEach, double BytesEach);

internal sealed record Usage(long AllocatedBytes, double CpuUs);

internal sealed record Memory(long ManagedBytes, long ResidentBytes);

// Strict: a figure that goes by another name must not be taken for 0.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Addresses))]
[JsonSerializable(typeof(Deployed))]
[JsonSerializable(typeof(Direct))]
[JsonSerializable(typeof(Memory))]
[JsonSerializable(typeof(Retired))]
[JsonSerializable(typeof(Usage))]
internal sealed partial class HostJson : JsonSerializerContext;
