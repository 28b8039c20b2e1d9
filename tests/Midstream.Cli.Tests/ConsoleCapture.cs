// What is written to the console while a test looks.

namespace Midstream.Cli.Tests;

internal sealed class ConsoleCapture : IDisposable
{
    private readonly TextWriter _output = Console.Out;
    private readonly TextWriter _error = Console.Error;
    private readonly StringWriter _capturedOutput = new();
    private readonly StringWriter _capturedError = new();

    internal ConsoleCapture()
    {
        Console.SetOut(_capturedOutput);
        Console.SetError(_capturedError);
    }

    internal string Output => _capturedOutput.ToString();

    internal string Error => _capturedError.ToString();

    public void Dispose()
    {
        Console.SetOut(_output);
        Console.SetError(_error);
    }
}
