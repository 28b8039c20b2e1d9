// A library of which two versions cannot take each other's place.

namespace Words;

public static class Phrase
{
#if V1
    public static string Of(string word) => $"{word}, from {Version}";
#else
    public static string Of(int times, string word) => $"{word} times {times}, from {Version}";
#endif

    private static Version Version => typeof(Phrase).Assembly.GetName().Version!;
}
