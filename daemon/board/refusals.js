// SPDX-License-Identifier: Apache-2.0
// Why the daemon does not do what was asked, in the language of this display. It answers programs and people alike, in English; what
// stands here are its sentences to those who answer, enter and look (test_board_chinese.py finds one that is missing). * : any words.
import {personOf} from './tile_alert.js';
import {language, t, word} from './words.js';

const WORDS = {person: personOf, do: (value) => word('do', value), flag: (value) => word('flag', value), right: (value) => word('right', value), severity: (value) => word('severity', value)};

const SENTENCES = [
    ['this login cannot do that: say who you are', '请先说明您是谁'],
    ['a critical alert cannot be shelved', '危急警报不能搁置'],
    ['a reason is needed', '需要填写原因'],
    ['for how long? (*)', '请说明时长'],
    ['at most * min in all: the bed is off the ward already', '合计最多 {1} 分钟：该床位已暂离病区'],
    ['at most * min', '最多 {1} 分钟'],
    ['too many people have claims on this alert', '对此警报作出响应的人过多'],
    ['taken by *', '已由 {person} 接手', {person: 1}],
    ['somebody else has taken it', '已由他人接手'],
    ['only who has taken it can give it back', '只有接手者可以交还'],
    ['what it says still holds', '警报所述情况仍然存在'],
    ['a note needs text', '请填写备注内容'],
    ['the alert is of another ward', '该警报属于其他病区'],
    ['there is no such revision yet', '尚无此版本'],
    ['it has become more severe since', '此后已变得更严重'],
    ['no page of this ward has this id', '本病区没有此呼叫'],
    ['there is no such bed in this ward', '本病区没有此床位'],
    ['no open alert has this id; recorded', '没有此编号的未结警报；已记录'],
    ['there is no alert "*"', '没有警报“{1}”'],
    ['* of an alert of severity * is not for the right "*"', '权限“{right}”不能对“{severity}”级警报执行“{do}”', {do: 1, severity: 2, right: 3}],
    ['to put the flag *, by which fewer are called, is not for the right "*"', '权限“{right}”不能设置标记“{flag}”（会减少呼叫）', {flag: 1, right: 2}],
    ['* is not for the right "*"', '权限“{right}”不能使用此功能', {right: 2}],
    ['"*" is not who is logged in', '“{1}”不是当前登录者'],
    ['that is another ward than "*"', '不是病区“{1}”的内容'],
    ['there is no ward "*"', '没有病区“{1}”'],
    ['no protocol "*" is in force', '没有生效的方案“{1}”'],
    ['nothing is called "*" that can be done', '没有操作“{1}”'],
    ['it cannot be written down that you looked', '无法记录您的查看，故不予显示'],
    ['it is not known to be on disk: look whether it is shown, and enter it again if not', '不确定是否已保存：请查看是否显示，未显示则重新录入'],
    ['it is beds/<ward>/<bed>/ and assessment, therapy or vitals', '地址应为 beds/<病区>/<床位>/ 加 assessment、therapy 或 vitals'],
    ['the daemon has not answered within * s: ask again with the same id, "*"', '系统 {1} 秒内没有回应'],
    ['the system gives no random number', '系统没有给出随机数'],
    ['log in, or send a bearer token', '请登录'],
    ['too many failures: try again in * s', '失败次数过多：{1} 秒后重试'],
    ['no memory for the answer', '内存不足，无法作答'],
    ['there is no such path', '没有此地址'],
];

const patterns = SENTENCES.map(([english, chinese, words]) => ({
    pattern: new RegExp(`^${english.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '(.+?)')}$`, 's'), chinese, words: words ?? {},
}));

function chineseOf(sentence) {
    for (const {pattern, chinese, words} of patterns) {
        const found = pattern.exec(sentence);
        if (!found) continue;
        return chinese.replace(/\{(\w+)\}/g, (all, name) => (name in words ? WORDS[name](found[words[name]]) : found[name] ?? all));
    }
    return null;
}

// A sentence of the daemon; what is not known stays as it is, for it says more than nothing.
export function refusal(sentence) {
    if (!sentence) return sentence;
    return language() === 'zh' ? chineseOf(sentence) ?? t('in_english', {sentence}) : sentence.replace(/^taken by (.+)$/, (all, by) => `taken by ${personOf(by)}`);
}

// Of an item of a message that was refused: its reason is one of a closed list.
export function itemRefusal({reason, detail}) {
    return language() === 'zh' ? word('refused', reason) : detail;
}
