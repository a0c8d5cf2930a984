"""What fans and creators say, by mood. Nobody here is unkind."""

from collections.abc import Mapping, Sequence
from random import Random

from msgspec import Struct


class Voices(Struct, frozen=True, kw_only=True):
    """The lines of one room: while nothing happens, for a small gift, and what its creator says for a large one."""

    idle: Sequence[str]
    pleased: Sequence[str]
    thanks: Sequence[str]


HELLOS = (
    "hi everyone 👋",
    "hello from a very rainy bus",
    "just got home, what did I miss?",
    "good evening, you lovely people",
    "first time here, is it always like this?",
    "back with tea ☕",
    "hey hey, made it!",
    "am I late? I'm always late",
    "good morning from the other side of the planet",
    "waves with both hands",
    "sneaking in during a meeting",
    "hello room, hello {creator}",
)

# In any room.
SMALL_TALK = (
    "where is everyone from tonight?",
    "Lisbon here",
    "Leeds, and it's raining, of course",
    "Osaka! good morning",
    "Ohio, hello",
    "Kiel, with wind",
    "Recife, with a fan on full speed",
    "I should be asleep",
    "we should all be asleep",
    "one more minute, I said, an hour ago",
    "phone at 4 %, worth it",
    "my dinner is burning, worth it",
    "best chat on the internet",
    "who's the new one? welcome!",
    "somebody remind me to drink water",
    "drink water!",
    "thank you, I drank water",
    "I told three friends. Two came. Hello, two.",
    "brb, door",
    "back, it was a parcel",
    "what was in the parcel?",
    "socks",
    "nice",
    "{creator}, you're the best part of my Sunday",
    "it isn't Sunday",
    "it is now",
)

IN_AWE = (
    "{name}!! the {gift}!!",
    "WOW {name}",
    "did that just happen",
    "a {gift}! I screamed, the dog screamed",
    "{name} you legend 👑",
    "screenshot. framing it.",
    "okay {name}, now I have to sit down",
    "thank you {name}, from all of us in the cheap seats",
    "my phone is not big enough for this",
    "we don't deserve {name}",
    "{gift} 😭😭😭",
    "that is the prettiest thing I saw all week",
    "somebody check on {creator}",
    "the whole room just sat up straight",
)

RIVALS = (
    "oh it's on, {name}",
    "anything you can do, {name} …",
    "hold my tea",
    "a friendly reply to {name} 😌",
    "your move, {name}",
)

AURORA = Voices(
    idle=(
        "this voice fixes my whole week",
        "can we have the lighthouse song?",
        "the candle on the left is doing its best",
        "Encore walked by! everybody type cat",
        "cat",
        "cat 🐈",
        "I put this on for my plants. They lean towards the speaker.",
        "that high note gave me goosebumps on my goosebumps",
        "my kid fell asleep to this, thank you, thank you",
        "is this one yours? it's gorgeous",
        "singing along badly in Ohio",
        "singing along worse in Hamburg",
        "play the sad one, I'm ready",
        "I was not ready",
        "who else is watching in bed",
        "that chord!! what was that chord",
        "the way you laughed in the middle of it ❤️",
        "requesting anything in a minor key",
        "my coffee got cold and I don't mind",
        "this is the quietest loud room I know",
        "humming this all the way to work tomorrow",
        "the candle went out and nobody panicked, proud of us",
        "more verses please, I have all evening",
        "Encore for president",
        "I only came for one song. That was an hour ago.",
        "the second verse always gets me",
        "wait, is the cat harmonising?",
        "I can hear the rain at your place, it fits",
        "save some notes for tomorrow",
        "my headphones thank you",
        "the whispered bit at the end 🤍",
        "I need this one on a very long train ride",
        "you hummed for two seconds and I felt better",
        "this is my third night in a row, send help",
        "which key is this? asking for a piano",
        "it's the breath before the chorus for me",
        "my neighbour just asked what I'm listening to",
        "he is listening, too, now",
        "tuning break! everybody stretch",
        "stretching",
        "the guitar has a scratch shaped like a fish",
        "can't unsee the fish",
        "please never fix that squeaky chair",
        "squeaky chair fan club",
        "okay that bridge was unfair",
        "wrote an exam to this yesterday. passed!",
    ),
    pleased=(
        "a rose for the second verse 🌹",
        "for Encore's dinner",
        "that's for the lighthouse song",
        "clapping in emoji 👏👏",
        "petals on the stage!",
        "for the candle fund 🕯️",
    ),
    thanks=(
        "{name}, oh my goodness. This next one is yours.",
        "A {gift}! {name}, I forgot the words. All of them.",
        "{name} ❤️ thank you, truly",
    ),
)

TUESDAY = Voices(
    idle=(
        "the knight, Tuesday. THE KNIGHT.",
        "he didn't see it",
        "nobody tell him",
        "bold of you to call that an opening",
        "my grandmother resigned for you just now",
        "this is a very long way to lose a bishop",
        "I believe in you (statistically I should not)",
        "win number ten, I can feel it",
        "I felt it last week too",
        "that was a good move! was it on purpose?",
        "queen count: still one. personal best!",
        "chess is easy, I'm just watching it wrong",
        "the opponent is laughing, I can tell from the clock",
        "castle! castle! … okay, don't castle",
        "is it Tuesday?",
        "it is never Tuesday",
        "new here: is he supposed to give the rooks away?",
        "we call it generosity",
        "the confidence. the posture. the blunder.",
        "deep breath. look at the left side. no, the other left.",
        "pawn to glory!",
        "I learned so much here. Mostly what not to play.",
        "this opening is called the Regret",
        "somebody clip that face",
        "he's winning?! quick, nobody breathe",
        "and there it goes",
        "is that legal? oh. it's legal. it's just bad.",
        "my toddler suggests moving the horse",
        "the horse! the toddler is right!",
        "we have found a new way to lose, that's science",
        "his king has seen things",
        "let's all agree that never happened",
        "the bishop sends his regards",
        "I set up a board at home to follow along. I also lost.",
        "sir, that is your own pawn",
        "time check: four seconds and a dream",
        "premove of the century",
        "somebody put a tiny helmet on that rook",
        "the opponent offered a draw out of kindness",
        "take the draw!",
        "he did not take the draw",
        "history is made by the brave. And here.",
        "coach in the chat: breathe",
        "honestly? decent position",
        "narrator: it was not a decent position",
        "rematch! rematch!",
    ),
    pleased=(
        "for the fallen queen 🌹",
        "consolation prize!",
        "buy that pawn a drink",
        "a thumbs up for bravery 👍",
        "for morale",
        "applause for the attempt",
    ),
    thanks=(
        "{name}!! I'd give you a rook if I had any left!",
        "A {gift} from {name}! I have literally never been this ahead in anything!",
        "{name}, I will name my next blunder after you. It's an honour, I promise.",
    ),
)

MIKA = Voices(
    idle=(
        "the sound of that brush 😌",
        "I came to relax and now I hold my breath every time the bowl moves",
        "how long does the lacquer dry?",
        "three weeks, I think she said",
        "patience level: bowl",
        "so the crack becomes the best part. I might cry.",
        "that line of gold is perfect",
        "my mug broke this morning, this helps",
        "steady hands, steady hearts",
        "is that real gold powder?",
        "yes, and a very fine sieve, look",
        "I broke a plate on purpose to have something to mend",
        "the teapot from last week came out so beautiful",
        "nobody sneeze",
        "watching from the night shift, quietest minute of my day",
        "the pause before the brush touches … magic",
        "it looks like a river on a map",
        "can you show the back of it again?",
        "I could listen to that sanding for hours",
        "thirty-seven people just exhaled at once",
        "what a lovely old pattern",
        "whose bowl is it? does it have a story?",
        "rice bowl, four generations, one staircase",
        "this room smells of tea, I'm sure of it",
        "gold suits it",
        "my cat and I both watch the brush",
        "the little click when the piece fits",
        "did it find its place? it found its place",
        "I'd like to be mended like that",
        "how do you choose the colour of the lacquer?",
        "she said: the bowl chooses",
        "of course it does",
        "thinner. thinner. there.",
        "the tweezers are steadier than my whole life",
        "a friend of mine dropped a vase, I sent her here",
        "hello, I'm the friend with the vase",
        "welcome, friend with the vase",
        "is it all right to drink from it afterwards?",
        "tea only, she said, and gently",
        "I can smell the cedar box from here",
        "the light on that gold just now",
        "forty minutes went by like four",
        "what happens to the crumbs? they go back in, too",
        "nothing is thrown away here, I like that",
        "please tell the story of the blue cup again",
        "I'll stay until it's dry. What's three weeks.",
    ),
    pleased=(
        "a little gold back to you",
        "for the next bowl 🥣",
        "bows",
        "a crane for the shelf",
        "for the steady hands",
        "quiet applause 👏",
    ),
    thanks=(
        "{name}, thank you. I'll put a line of gold down for you.",
        "A {gift}. {name}, my hands are shaking now, give me a minute.",
        "Thank you, {name}. That was very kind.",
    ),
)

VOICES: Mapping[str, Voices] = {"aurora": AURORA, "big_tuesday": TUESDAY, "mika_kintsugi": MIKA}

# What stands with a gift now and then.
WITH_A_GIFT = (
    "for the best hour of my day",
    "you earned it",
    "from all of us in the back row",
    "keep going ❤️",
    "happy birthday to whoever has one",
    "because of that one moment",
    "see you tomorrow!",
)

LETTERS = (
    "Thank you for last night, it was just what I needed.",
    "Could you do the one from the first live again some time?",
    "I told my sister about you and now we watch together.",
    "No need to answer, I only wanted to say: this is lovely.",
    "Are you live on Sunday? I'd bring cake. Virtual cake.",
    "My daughter drew you a picture. It's mostly the cat.",
)
ANSWERS = (
    "That made my day, thank you!",
    "Sunday it is. Bring the cake.",
    "Hello to your sister ❤️",
    "I'll see what I can do!",
)


class Shuffled:
    """Lines in a random order, none again before all the others were said."""

    def __init__(self, lines: Sequence[str], random: Random) -> None:
        self._lines = lines
        self._random = random
        self._left: list[str] = []

    def take(self) -> str:
        """The next one."""
        if not self._left:
            self._left = self._random.sample(self._lines, len(self._lines))
        return self._left.pop()
