using System.CommandLine;
using System.Runtime.InteropServices;
using Midstream.Cli.Prove;
using Midstream.Cli.Terminal;
using Midstream.Prove;

namespace Midstream.Cli.Commands;

// `midstream prove`: reads the options, runs, prints the account, and says by its exit code what came of it.
internal sealed class ProveCommand
{
    private const int ExitNothingLost = 0;
    private const int ExitLost = 1;
    private const int ExitUsage = 2;
    private const int ExitUnreachable = 3;

    private readonly Argument<string> _url =
        new("url") { Description = "The target: http://host:port[/path] or unix:/path/of/socket" };
    private readonly Option<string?> _duration =
        Text("--duration", "How long to begin new requests, for instance 30s or 5m (default 30s)");
    private readonly Option<long?> _requests = new("--requests") { Description = "End after this many requests", HelpName = "N" };
    private readonly Option<string[]> _clients =
        Pairs("--clients", "kind=n", "Clients by kind; those not named do not take part");
    private readonly Option<string[]> _think =
        Pairs("--think", "kind=range", "Pause between a client's requests, for instance busy=0-5ms");
    private readonly Option<string?> _path = Text("--path", "Path of the GET requests (default: that of the URL, or /)");
    private readonly Option<string?> _uploadPath = Text("--upload-path", "Path the slow uploads post to (default: no uploads)");
    private readonly Option<string?> _downloadPath =
        Text("--download-path", "Path the slow downloads ask for (default: no downloads)");
    private readonly Option<string?> _timeout = Text("--timeout", "Time within which a request must be answered (default 30s)");
    private readonly Option<string?> _releaseHeader =
        Text("--release-header", "Response header naming the release (default Midstream-Release)");
    private readonly Option<int?> _expectStatus =
        new("--expect-status") { Description = "The one status that is accepted", HelpName = "CODE" };
    private readonly Option<string?> _expectBody = Text("--expect-body", "Text every body at --path must contain");
    private readonly Option<int> _failures =
        new("--failures") { Description = "Failures to describe", HelpName = "N", DefaultValueFactory = _ => 20 };
    private readonly Option<bool> _mustSurvive =
        new("--connections-must-survive") { Description = "Count every closed connection as a failure" };
    private readonly Option<bool> _json = new("--json") { Description = "Print the report as JSON" };
    private readonly Option<bool> _quiet =
        new("--quiet") { Description = "No live line, and no report unless something was lost" };
    private readonly Option<bool> _allowRemote =
        new("--allow-remote") { Description = "Drive a target that is not this machine" };

    private ProveCommand()
    {
    }

    /// <summary>Creates the command with its options and its action.</summary>
    public static Command Create()
    {
        var self = new ProveCommand();
        var command = new Command("prove", "Drive a URL with several kinds of clients at once and account for every request")
        {
            self._url, self._duration, self._requests, self._clients, self._think,
            self._path, self._uploadPath, self._downloadPath, self._timeout,
            self._releaseHeader, self._expectStatus, self._expectBody, self._failures,
            self._mustSurvive, self._json, self._quiet, self._allowRemote,
        };
        // A synchronous action keeps Ctrl-C in our hands: an asynchronous one is ended two seconds after it, without its report.
        command.SetAction(parsed => self.RunAsync(parsed).GetAwaiter().GetResult());
        return command;
    }

    private static Option<string?> Text(string name, string description) => new(name) { Description = description };

    private static Option<string[]> Pairs(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var arguments = new ProveArguments();
        var options = OptionsOf(parsed, arguments);
        IReadOnlyList<string> errors = [.. arguments.Errors, .. ProveOptionsValidator.Validate(options)];
        if (errors.Count > 0)
            return Refuse(errors);
        if (options.AllowRemote)
            Console.Error.WriteLine($"midstream prove: {options.Url} may be another machine: does its owner agree to this load?");
        try
        {
            var report = await ProveAsync(options, parsed.GetValue(_quiet));
            return Print(parsed, report);
        }
        catch (ProveOptionsException e)
        {
            return Refuse([.. e.Errors.Select(error => $"{error} (--allow-remote)")]);
        }
        catch (TargetUnreachableException e)
        {
            Console.Error.WriteLine($"midstream prove: {e.Message}");
            return ExitUnreachable;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("midstream prove: interrupted before the run began");
            return ExitUnreachable;
        }
    }

    private ProveOptions OptionsOf(ParseResult parsed, ProveArguments arguments)
    {
        var options = new ProveOptions
        {
            Url = parsed.GetRequiredValue(_url),
            Duration = arguments.Duration("--duration", parsed.GetValue(_duration)),
            RequestsMax = parsed.GetValue(_requests),
            Clients = arguments.Clients(parsed.GetValue(_clients) ?? []),
            ThinkTimes = arguments.ThinkTimes(parsed.GetValue(_think) ?? []),
            Path = parsed.GetValue(_path),
            UploadPath = parsed.GetValue(_uploadPath),
            DownloadPath = parsed.GetValue(_downloadPath),
            ExpectStatus = parsed.GetValue(_expectStatus),
            ExpectBody = parsed.GetValue(_expectBody),
            FailuresMax = parsed.GetValue(_failures),
            AllowRemote = parsed.GetValue(_allowRemote),
        };
        if (arguments.Duration("--timeout", parsed.GetValue(_timeout)) is { } timeout)
            options = options with { RequestTimeout = timeout };
        return parsed.GetValue(_releaseHeader) is { } header ? options with { ReleaseHeader = header } : options;
    }

    // The first Ctrl-C (or TERM) ends the run in order; the second ends the process.
    private static async Task<ProveReport> ProveAsync(ProveOptions options, bool quiet)
    {
        using var end = new CancellationTokenSource();
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = !end.IsCancellationRequested;
            end.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        var liveLine = ProveLiveLine.ForStandardError(quiet);
        try
        {
            return await ProveRun.RunAsync(options, liveLine, cancellationToken: end.Token);
        }
        finally
        {
            liveLine?.Clear();
        }
    }

    private int Print(ParseResult parsed, ProveReport report)
    {
        var failed = !report.NothingLost || (parsed.GetValue(_mustSurvive) && !report.ConnectionsSurvived);
        if (parsed.GetValue(_json))
            Console.Out.WriteLine(report.ToJson());
        else if (failed || !parsed.GetValue(_quiet))
            Console.Out.Write(ProveTable.Render(report, Paint.ForStandardOutput()));
        return failed ? ExitLost : ExitNothingLost;
    }

    private static int Refuse(IReadOnlyList<string> errors)
    {
        foreach (var error in errors)
            Console.Error.WriteLine($"midstream prove: {error}");
        return ExitUsage;
    }
}
