namespace Midstream.Prove;

// Checks a run's options and reports everything that is wrong with them at once, so that a person corrects them in one go.

/// <summary>Finds what is wrong with <see cref="ProveOptions"/>.</summary>
public static class ProveOptionsValidator
{
    /// <summary>
    /// Checks the options without touching the network; whether a host name is remote is known only once a run resolves it.
    /// </summary>
    /// <param name="options">The options to check.</param>
    /// <returns>One sentence for each mistake; empty when there is none.</returns>
    public static IReadOnlyList<string> Validate(ProveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<string>();
        CheckTarget(options, errors);
        CheckClients(options, errors);
        CheckTimes(options, errors);
        CheckExpectations(options, errors);
        return errors;
    }

    private static void CheckTarget(ProveOptions options, List<string> errors)
    {
        if (ProveTarget.TryParse(options.Url, out _) is { } error)
            errors.Add(error);
        CheckPath("path", options.Path, errors);
        CheckPath("upload path", options.UploadPath, errors);
        CheckPath("download path", options.DownloadPath, errors);
    }

    private static void CheckPath(string what, string? path, List<string> errors)
    {
        if (path is not null && (!path.StartsWith('/') || path.AsSpan().ContainsAnyExceptInRange('!', '~') || path.Contains('#')))
            errors.Add($"the {what} '{path}' must begin with '/' and be visible ASCII without '#': percent-encode the rest");
    }

    private static void CheckClients(ProveOptions options, List<string> errors)
    {
        if (options.Clients.Any(c => c.Value < 0))
            errors.Add("a number of clients is below 0");
        var total = ClientKinds.All.Sum(kind => (long)options.CountOf(kind));
        if (total is < 1 or > ProveOptions.MostClients)
            errors.Add($"{total} clients in all: a run has 1 to {ProveOptions.MostClients}");
        if (options.UploadPath is null && ClientKinds.All.Any(kind => ClientKinds.IsUpload(kind) && options.CountOf(kind) > 0))
            errors.Add("uploads need an upload path");
        if (options.DownloadPath is null && options.CountOf(ClientKind.Download) > 0)
            errors.Add("downloads need a download path");
    }

    private static void CheckTimes(ProveOptions options, List<string> errors)
    {
        if (options.Duration is { } duration && (duration <= TimeSpan.Zero || duration > ProveOptions.LongestDuration))
            errors.Add("the duration must be more than 0 and at most 24 hours");
        if (options.RequestTimeout < TimeSpan.FromMilliseconds(10) || options.RequestTimeout > TimeSpan.FromHours(1))
            errors.Add("the request timeout must be 10 ms to 1 hour");
        if (!options.PiecePause.IsValid || options.ThinkTimes.Values.Any(range => !range.IsValid))
            errors.Add("a pause must be a range from 0 or more to 1 hour or less");
        if (options.RequestsMax is < 1)
            errors.Add("the number of requests must be at least 1");
    }

    private static void CheckExpectations(ProveOptions options, List<string> errors)
    {
        if (options.ExpectStatus is < 200 or > 599)
            errors.Add("the expected status must be 200 to 599");
        if (options.ExpectBody is { Length: 0 or > 65_536 })
            errors.Add("the expected body text must have 1 to 65,536 characters");
        if (options.UploadBytes is < 8 or > 64 * 1024 * 1024)
            errors.Add("an upload must have 8 bytes to 64 MiB");
        if (options.FailuresMax is < 0 or > 10_000)
            errors.Add("the number of failures to describe must be 0 to 10,000");
        if (options.ResponseBytesMax < 0)
            errors.Add("the most response bytes must be at least 0");
        if (options.ReleaseHeader is { } header && !Http.HeaderField.IsName(System.Text.Encoding.UTF8.GetBytes(header)))
            errors.Add($"'{header}' is not a header name");
    }
}
