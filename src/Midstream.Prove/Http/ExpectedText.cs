using System.Text;

namespace Midstream.Prove.Http;

// Looks for a text in a body that arrives in pieces of any size, without keeping the body: Knuth, Morris and Pratt's search needs
// only its position in the text between two pieces.
internal sealed class ExpectedText
{
    private readonly byte[] _text;
    private readonly int[] _fallback;
    private int _matched;

    public ExpectedText(string text)
    {
        _text = Encoding.UTF8.GetBytes(text);
        _fallback = new int[_text.Length];
        for (int i = 1, length = 0; i < _text.Length; i++)
        {
            while (length > 0 && _text[i] != _text[length])
                length = _fallback[length - 1];
            _fallback[i] = _text[i] == _text[length] ? ++length : length;
        }
    }

    public bool Found => _matched == _text.Length;

    public void Begin() => _matched = 0;

    public void Feed(ReadOnlySpan<byte> piece)
    {
        foreach (var b in piece)
        {
            if (Found)
                return;
            while (_matched > 0 && b != _text[_matched])
                _matched = _fallback[_matched - 1];
            if (b == _text[_matched])
                _matched++;
        }
    }
}
