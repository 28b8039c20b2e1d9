// Ten ways and more for a module to stay in memory.

using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;

namespace Odd;

public sealed class Leaks
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly List<object> s_kept = [];

    private readonly string _secret = "secret";

    public static void Make(string wish, IServiceProvider services)
    {
        var leak = new Leaks();
        var note = new Note("a");
        switch (wish)
        {
            case "timer":
                Keep(new Timer(leak.Tick, null, s_hour, s_hour));
                break;
            case "delay":
                _ = leak.WaitAsync();
                break;
            case "process exit":
                AppDomain.CurrentDomain.ProcessExit += leak.OnExit;
                break;
            case "first chance":
                AppDomain.CurrentDomain.FirstChanceException += leak.OnFirstChance;
                break;
            case "load context":
                AssemblyLoadContext.Default.Resolving += leak.OnResolving;
                break;
            case "gauge":
                new Meter("odd").CreateObservableGauge("odd", leak.Measure);
                break;
            case "activity listener":
                ActivitySource.AddActivityListener(new ActivityListener { ShouldListenTo = leak.Listens });
                break;
            case "meter listener":
                new MeterListener { InstrumentPublished = leak.OnPublished }.Start();
                break;
            case "diagnostic listener":
                DiagnosticListener.AllListeners.Subscribe(new Observer());
                break;
            case "host registry":
                services.GetRequiredService<List<object>>().Add(leak);
                break;
            case "host environment":
                services.GetRequiredService<IHostEnvironment>().ContentRootFileProvider = new OddFiles();
                break;
            case "cancel key":
                Console.CancelKeyPress += leak.OnCancel;
                break;
            case "json by reflection":
                _ = JsonSerializer.Serialize(note, JsonSerializerOptions.Web);
                break;
            case "validation":
                Validator.TryValidateObject(note, new ValidationContext(note), null, true);
                break;
            case "type descriptor":
                _ = System.ComponentModel.TypeDescriptor.GetProperties(typeof(Note)).Count;
                break;
            case "task in the context":
                services.GetRequiredService<Midstream.IModuleContext>().Run("waiting", leak.WaitAsync);
                break;
            case "timer of the context":
                Keep(services.GetRequiredService<TimeProvider>().CreateTimer(leak.Tick, null, s_hour, s_hour));
                break;
            case "options on configuration":
                ChangeToken.OnChange(services.GetRequiredService<IConfiguration>().GetReloadToken, leak.OnReload);
                break;
        }
    }

    private static void Keep(object timer) => s_kept.Add(timer);

    private static async Task WaitAsync(TimeSpan time, CancellationToken token) => await Task.Delay(time, token);

    private async Task WaitAsync() => await WaitAsync(TimeSpan.FromHours(_secret.Length), default);

    private async Task WaitAsync(CancellationToken stopping) => await WaitAsync(TimeSpan.FromHours(_secret.Length), stopping);

    private void Tick(object? state) => _ = _secret;

    private void OnExit(object? sender, EventArgs e) => _ = _secret;

    private void OnFirstChance(object? sender, FirstChanceExceptionEventArgs e) => _ = _secret;

    private Assembly? OnResolving(AssemblyLoadContext context, AssemblyName name) =>
        _secret.Length > 100 ? typeof(Leaks).Assembly : null;

    private int Measure() => _secret.Length;

    private bool Listens(ActivitySource source) => source.Name == _secret;

    private void OnPublished(Instrument instrument, MeterListener listener) => _ = _secret;

    private void OnCancel(object? sender, ConsoleCancelEventArgs e) => _ = _secret;

    private void OnReload() => _ = _secret;

    private sealed class Observer : IObserver<DiagnosticListener>
    {
        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void OnNext(DiagnosticListener value)
        {
        }
    }

    private sealed class OddFiles : IFileProvider
    {
        public IFileInfo GetFileInfo(string subpath) =>
            new NotFoundFileInfo(subpath);

        public IDirectoryContents GetDirectoryContents(string subpath) =>
            NotFoundDirectoryContents.Singleton;

        public IChangeToken Watch(string filter) => NullChangeToken.Singleton;
    }
}

public sealed record Note([property: Required] string Text);
