using System.Globalization;

namespace Midstream.FunctionalTests.State;

/// <summary>
/// Clients that count without a pause, each its own key: what is answered has to be one more than the answer before, whoever
/// gives it. Only what was asked and not answered may have been counted or not.
/// </summary>
internal sealed class CountingClients : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http;
    private readonly Task<long>[] _clients;

    private CountingClients(Uri url, int count)
    {
        _http = new HttpClient { BaseAddress = url, Timeout = TestKit.RunningProgram.Patience };
        _clients = [.. Enumerable.Range(0, count).Select(key => Task.Run(() => CountAsync(key)))];
    }

    public static CountingClients Start(Uri url, int count) => new(url, count);

    /// <summary>Ends the counting and fails the test unless each count is there, once, and nothing was refused.</summary>
    /// <returns>How many writes there were.</returns>
    public async Task<long> EndAsync()
    {
        await _end.CancelAsync();
        var counted = await Task.WhenAll(_clients).WaitAsync(TestKit.RunningProgram.Patience);
        for (var key = 0; key < counted.Length; key++)
            Assert.Equal(counted[key], NumberOf(await _http.GetStringAsync($"/counts/{key}")));
        return counted.Sum();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_clients).ContinueWith(_ => { }, TaskScheduler.Default);
        _http.Dispose();
        _end.Dispose();
    }

    private async Task<long> CountAsync(int key)
    {
        var count = 0L;
        while (!_end.IsCancellationRequested)
        {
            using var answer = await _http.PostAsync($"/counts/{key}", content: null);
            answer.EnsureSuccessStatusCode();
            Assert.Equal(++count, NumberOf(await answer.Content.ReadAsStringAsync()));
        }

        return count;
    }

    private static long NumberOf(string answer) => long.Parse(answer.Split(' ')[0], CultureInfo.InvariantCulture);
}
