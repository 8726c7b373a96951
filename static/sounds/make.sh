#!/bin/sh
# Makes the spoken digits anew: <language>/<digit>.wav, 8 kHz, 8 bits, mono. Needs espeak-ng and sox.
# Another version of espeak-ng speaks a little differently, so the files are committed and compared by form only.
set -eu
cd "$(dirname "$0")"

speak() { # language, voice, words for 0 to 9
    language=$1 voice=$2
    shift 2
    mkdir -p "$language"
    digit=0
    for word in "$@"; do
        espeak-ng -v "$voice" -s 130 -a 90 --stdout "$word" |
            sox -R -t wav - -r 8000 -b 8 -c 1 -e unsigned-integer "$language/$digit.wav" \
                highpass 120 norm -3 silence 1 0.01 1% reverse silence 1 0.01 1% reverse trim 0 1.5
        digit=$((digit + 1))
    done
}

speak en en-gb zero one two three four five six seven eight nine
speak zh-hant cmn 零 一 二 三 四 五 六 七 八 九
speak pt pt zero um dois três quatro cinco seis sete oito nove
