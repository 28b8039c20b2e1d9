using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Midstream.Bench.Modules;

/// <summary>What a client asks the measured module for.</summary>
internal enum Question
{
    /// <summary>Which generation answers.</summary>
    Who,

    /// <summary>A text that is written in pieces, each of which says which version writes it.</summary>
    Pieces,

    /// <summary>A text that a service of the request makes.</summary>
    Service,

    /// <summary>An entry of the state.</summary>
    Read,

    /// <summary>A write to an entry of the state, which is counted.</summary>
    Write,
}

/// <summary>One answer.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="BegunAt">When, in ticks of the stopwatch.</param>
/// <param name="EndedAt">When the answer was complete.</param>
internal readonly record struct Answer(Question Question, long BegunAt, long EndedAt)
{
    public double Ms => Stopwatch.GetElapsedTime(BegunAt, EndedAt).TotalMilliseconds;
}

/// <summary>Clients on connections that are kept, each of which asks one thing after the other and checks every answer: that it
/// is one version's alone, and that no generation comes back once a newer one has answered.</summary>
/// <param name="address">The application with modules.</param>
/// <param name="questions">What they ask, in turn.</param>
/// <param name="pauseMax">The longest pause between two requests; zero for none.</param>
/// <param name="keys">From how many entries they choose.</param>
internal sealed class SlotClients(string address, IReadOnlyList<Question> questions, TimeSpan pauseMax, long keys) : IDisposable
{
    private const int FaultsMax = 1000;

    private readonly CancellationTokenSource _enough = new();
    private readonly List<Task<List<Answer>>> _clients = [];
    private readonly ConcurrentQueue<string> _faults = new();
    private long _answers;
    private long _writes;

    /// <summary>Gets what was not as it should be.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Gets how many writes were acknowledged.</summary>
    public long Writes => Volatile.Read(ref _writes);

    public long Answers => Volatile.Read(ref _answers);

    public void Start(int clients) =>
        _clients.AddRange(Enumerable.Range(0, clients).Select(client => Task.Run(() => RunAsync(new Random(client)))));

    /// <summary>Ends the clients after their present request.</summary>
    /// <returns>All answers.</returns>
    public async Task<IReadOnlyList<Answer>> StopAsync()
    {
        await _enough.CancelAsync();
        return [.. (await Task.WhenAll(_clients)).SelectMany(answers => answers)];
    }

    public void Dispose() => _enough.Dispose();

    private async Task<List<Answer>> RunAsync(Random random)
    {
        var answers = new List<Answer>();
        while (!_enough.IsCancellationRequested && _faults.Count < FaultsMax)
        {
            try
            {
                using var connection = await KeptConnection.ConnectAsync(address);
                await RunAsync(connection, random, answers);
            }
            catch (Exception fault) when (fault is IOException or System.Net.Sockets.SocketException or FormatException)
            {
                _faults.Enqueue(fault.Message);
            }
        }

        return answers;
    }

    private async Task RunAsync(KeptConnection connection, Random random, List<Answer> answers)
    {
        var newest = 0L;
        for (var turn = random.Next(questions.Count); !_enough.IsCancellationRequested; turn++)
        {
            var question = questions[turn % questions.Count];
            var key = random.NextInt64(keys);
            var (method, path) = RequestOf(question, key);
            var begun = Stopwatch.GetTimestamp();
            var said = await connection.AskAsync(method, path);
            answers.Add(new Answer(question, begun, Stopwatch.GetTimestamp()));
            Interlocked.Increment(ref _answers);
            if (question == Question.Write)
                Interlocked.Increment(ref _writes);
            if (Judge(question, key, said, ref newest) is { } fault)
                _faults.Enqueue(fault);
            if (pauseMax > TimeSpan.Zero)
                await Task.Delay(pauseMax * random.NextDouble());
        }
    }

    private static (string Method, string Path) RequestOf(Question question, long key) => question switch
    {
        Question.Who => ("GET", "/measured/who"),
        Question.Pieces => ("GET", "/measured/pieces"),
        Question.Service => ("GET", "/measured/service"),
        Question.Read => ("GET", string.Create(CultureInfo.InvariantCulture, $"/measured/item/{key}")),
        _ => ("POST", string.Create(CultureInfo.InvariantCulture, $"/measured/write/{key}/1")),
    };

    /// <summary>Looks at an answer.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="key">The entry.</param>
    /// <param name="said">The answer.</param>
    /// <param name="newest">The newest generation that has answered this client.</param>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    internal static string? Judge(Question question, long key, string said, ref long newest)
    {
        if (question == Question.Who)
            return JudgeWho(said, ref newest);
        var isRight = question switch
        {
            Question.Pieces => said.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: 5 } pieces
                && pieces.Distinct().Count() == 1,
            Question.Service => said == "Hello, World!",
            Question.Read => said == string.Create(CultureInfo.InvariantCulture, $"item {key}"),
            _ => long.TryParse(said, CultureInfo.InvariantCulture, out var writes) && writes > 0,
        };
        return isRight ? null : $"{question} of {key}: {said}";
    }

    // The package's version, the generation, the code's version.
    private static string? JudgeWho(string said, ref long newest)
    {
        if (said.Split(' ') is not [var package, var number, var code]
            || !long.TryParse(number, CultureInfo.InvariantCulture, out var generation))
            return $"{nameof(Question.Who)}: {said}";
        if (package != code)
            return $"a package of {package} answered with code of {code}";
        if (generation < newest)
            return $"generation {generation} has answered after {newest}";
        newest = generation;
        return null;
    }
}
