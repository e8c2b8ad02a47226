// SPDX-License-Identifier: Apache-2.0
// Every word on the board: English, Chinese. {gaps} are filled in.

export const TEXTS = {
    // severities: colour, mark and word, never colour alone
    'severity.critical': ['CRITICAL', '危急'], 'severity.urgent': ['URGENT', '紧急'], 'severity.watch': ['WATCH', '留意'],
    'severity.technical': ['TECHNICAL', '技术'], 'severity.info': ['INFO', '信息'],
    'mark.critical': ['!!!', '!!!'], 'mark.urgent': ['!!', '!!'], 'mark.watch': ['!', '!'], 'mark.technical': ['⚙', '⚙'], 'mark.info': ['i', 'i'],
    'condition.active': ['active', '持续'], 'condition.clearing': ['seems to end', '趋于缓解'], 'condition.unknown': ['DATA STOPPED', '数据中断'], 'condition.ended': ['ended', '已结束'],
    late: ['reported late', '延迟上报'], compatible: ['Pattern compatible with the finding named; not a diagnosis.', '仅表示与所述表现相符，并非诊断。'],

    // board
    board: ['Ward board', '病区看板'], beds: ['Beds, most urgent first', '床位（最紧急者在前）'], ward_alerts: ['Alerts of the ward as a whole', '病区级警报'],
    no_beds: ['No bed is watched here yet.', '尚无被监测的床位。'], bed_n: ['bed {bed}', '{bed}床'], all_wards: ['All wards', '全部病区'],
    no_patient: ['no patient linked', '未关联患者'], no_infusion: ['no infusion', '未输注'], since_infusion: ['Since infusion', '输注后'],
    no_value: ['no value', '无数据'], stale: ['OLD: {span}', '过旧：{span}'], masked: ['fever may be masked', '发热可能被掩盖'], not_met: ['not met', '不符合'],
    crs_like: ['CRS-like', '类CRS'], icans_like: ['ICANS-like', '类ICANS'], without: ['without {what}', '缺 {what}'],
    overdue: ['Overdue: {list}', '逾期：{list}'], 'due.vitals': ['vital signs', '生命体征'], 'due.ice': ['ICE', 'ICE评估'], 'due.labs': ['laboratory', '化验'],
    paused_until: ['OFF WARD until {time} ({left}), {by}: {why}', '暂离病区至 {time}（{left}），{by}：{why}'],
    nobody_has: ['Critical and nobody has it: {beds}', '危急且无人负责：{beds}'], nothing_open: ['No critical alert is without an owner.', '没有无人负责的危急警报。'],
    new_order: ['The order has changed: show it', '顺序已变化：点击更新'], shout: ['{severity}, bed {bed}: {rule}. {text}', '{severity}，{bed}床：{rule}。{text}'],

    // who has it
    owned: ['{who} has it until {until}', '{who} 负责，至 {until}'], offered: ['asked: {who}; moves on in {left}', '正在通知：{who}；{left} 后升级'], asked: ['asked: {who}', '正在通知：{who}'],
    exhausted: ['NOBODY HAS TAKEN IT; called again: {who}', '无人接手；再次呼叫：{who}'], 'responsibility.none': ['shown only: nobody is called for this one', '仅显示：不就此警报通知人员'],
    'responsibility.closed': ['closed', '已关闭'], responsible: ['Responsible', '负责人'],
    'claim.acknowledge': ['seen by {by}, quiet until {until}', '{by} 已知悉，静音至 {until}'], 'claim.silence': ['silenced by {by} until {until}', '{by} 静音至 {until}'],
    'claim.shelve': ['put aside by {by} until {until}', '{by} 搁置至 {until}'], 'claim.pause': ['off ward until {until} ({by})', '暂离病区至 {until}（{by}）'],

    limits: ['Limits of the protocol (dashed lines)', '方案界限（虚线）'], scale2: ['scale 2', '量表2'],
    limits_note: ['The value at which a rule may fire; how long it must last and what else must hold is said under Why.', '规则可能触发的数值；持续时间及其他条件见“原因”。'],

    // commands
    'do.accept': ['I take it', '我负责'], 'do.acknowledge': ['Seen', '已知悉'], 'do.reject': ['Not me', '我不能接'], 'do.release': ['Give back', '交还'], 'do.silence': ['Silence', '静音'],
    'do.shelve': ['Put aside', '搁置'], 'do.reset': ['Reset', '复位'], 'do.judge': ['Was it right?', '评价'], 'do.note': ['Note', '备注'], 'do.pause': ['Off ward', '暂离病区'],
    more: ['Why …', '原因…'], sending: ['sending …', '发送中…'], not_done: ['NOT done: {why}. Press again.', '未完成：{why}。请重试。'],
    'done.accept': ['You have it.', '您已负责。'], 'done.acknowledge': ['Seen is noted; the ladder goes on.', '已记录知悉；升级流程继续。'], 'done.reject': ['Passed on.', '已转交。'],
    'done.release': ['Given back.', '已交还。'], 'done.silence': ['Silenced for a while.', '暂时静音。'], 'done.shelve': ['Put aside.', '已搁置。'], 'done.reset': ['Reset.', '已复位。'],
    'done.judge': ['Thank you, noted.', '谢谢，已记录。'], 'done.note': ['Noted.', '已备注。'], 'done.pause': ['Off ward is noted.', '已记录暂离。'],
    'result.duplicate': ['Done already.', '已执行过。'], 'result.superseded': ['NOT done, it has changed: {detail}. Look again.', '未执行，情况已变化：{detail}。请重新查看。'],
    'result.stale_view': ['Done; it had changed meanwhile.', '已执行；期间有变化。'], 'result.closed': ['NOT done: it is closed.', '未执行：已关闭。'],
    'result.forbidden': ['NOT done: {detail}', '未执行：{detail}'], 'result.over_cap': ['NOT done: {detail}', '未执行：{detail}'], 'result.invalid': ['NOT done: {detail}', '未执行：{detail}'],
    reason: ['Reason', '原因'], own_words: ['Or in your own words', '或自行填写'], minutes: ['Minutes', '分钟'], judgement: ['Was it right?', '这条警报是否恰当？'], note: ['What was done or seen', '处理或观察'],
    say_more: ['Say a reason or choose one.', '请填写或选择原因。'],
    'reason.busy': ['with another patient', '正在处理其他患者'], 'reason.not_my_patient': ['not my patient', '非我负责患者'], 'reason.known': ['known and treated', '已知并已处理'],
    'reason.off_ward': ['examination off the ward', '外出检查'], 'reason.artefact': ['artefact', '伪差'],
    'judgement.actionable': ['right, something was done', '恰当，已处理'], 'judgement.not_relevant': ['true, but not relevant', '属实但无关'], 'judgement.false': ['false', '错误'], 'judgement.artefact': ['artefact', '伪差'],
    close: ['Close', '关闭'], yes: ['yes', '是'], no: ['no', '否'], loading: ['loading …', '加载中…'],

    'short.sbp': ['Systolic', '收缩压'], 'short.dbp': ['Diastolic', '舒张压'], 'short.map': ['Mean', '平均压'],
    n_alerts: ['{n} alerts, the gravest first: scroll', '共 {n} 条警报，最重者在前：滚动查看'],

    // who is here
    who_are_you: ['Who are you?', '您是谁？'], your_role: ['Role', '角色'], your_name: ['Name or short sign', '姓名或缩写'], your_name_hint: ['Forgotten after 15 minutes without a command.', '15分钟无操作后自动退出。'],
    go_on: ['Go on', '继续'], you_are: ['{who} – leave', '{who} – 退出'], nobody_here: ['Sign in', '登录'],
    'role.bedside-nurse': ['bedside nurse', '床旁护士'], 'role.charge-nurse': ['charge nurse', '责任护士长'], 'role.on-call-physician': ['on-call physician', '值班医生'],
    'role.cell-therapy-physician': ['cell-therapy physician', '细胞治疗医生'], 'role.infusion-physician': ['infusion physician', '输注医生'], 'role.attending': ['attending', '主治医生'],
    'role.rapid-response': ['rapid response', '快速反应小组'], 'role.neurology': ['neurology', '神经科'], 'role.pharmacy': ['pharmacy', '药房'], 'role.icu': ['ICU', '重症监护'], 'role.patient': ['patient', '患者'], 'role.caregiver': ['caregiver', '照护者'],
    'role.cell-therapy-line': ['cell-therapy line', '细胞治疗热线'], 'role.emergency-services': ['emergency services', '急救中心'],
    'role.shift-list': ['shift list', '交班清单'],

    // bar
    live: ['watching', '监测中'], link_broken: ['connection lost, trying', '连接断开，重试中'], no_beat: ['no heartbeat for {span}', '{span} 无心跳'],
    lost_title: ['NOBODY IS WATCHING', '监测已中断'], lost: ['No sign of life from vigil for {span}. Values below are old. Look at the patients and the bedside monitors.', 'vigil 已 {span} 无响应。下方数值已过时。请直接查看患者和床旁监护仪。'],
    logged_out: ['logged out', '未登录'], ended_title: ['THIS DISPLAY IS LOGGED OUT', '本显示屏已退出登录'],
    ended: ['It shows nothing new; the last sign of life came {span} ago, and the values below are old. Log in again; until then look at the patients and the bedside monitors.',
        '画面不再更新；最近一次信号在 {span} 前，下方数值已过时。请重新登录；在此之前请直接查看患者和床旁监护仪。'],
    user_name: ['Name', '用户名'], password: ['Password', '密码'], log_in: ['Log in', '登录'], login_wrong: ['Name or password is wrong.', '用户名或密码错误。'],
    login_wait: ['Too many failures: try again in {s} s.', '失败次数过多：请在 {s} 秒后重试。'],
    not_ready: ['NO NEW DATA: vigil has no broker or cannot store', '无新数据：vigil 与消息服务器断开或无法存储'], self_check: ['vigil doubts itself: {what}', 'vigil 自检异常：{what}'], draining: ['vigil is being stopped', 'vigil 正在停止'],
    sound_off: ['Sound is off: touch to turn on', '声音已关：点击开启'], sound_on: ['Sound is on', '声音已开'], settings: ['Display', '显示'], try_sound: ['Play the three tones', '试听三种声音'],
    theme: ['Colours', '颜色'], 'theme.auto': ['as the system', '跟随系统'], 'theme.dark': ['dark', '深色'], 'theme.light': ['light', '浅色'], language: ['Language', '语言'],
    size: ['Size', '大小'], 'size.small': ['small: many beds', '小：多床位'], 'size.normal': ['normal', '标准'], 'size.large': ['large: wall', '大：墙面'], 'size.huge': ['very large', '特大'],
    disclaimer: ['Research use only. Each alert names a pattern that the data are compatible with; automatically computed, may be incomplete or wrong; not a diagnosis or an order. The alarms at the bedside stay on.', '仅供研究使用。每条警报仅表示数据与某种表现相符；自动计算，可能不完整或有误；并非诊断或医嘱。床旁报警须保持开启。'],

    // enter
    enter: ['Enter', '录入'], enter_for: ['Enter for bed {bed}', '{bed}床录入'], entered: ['Entered for bed {bed}.', '{bed}床已录入。'], send: ['Send', '提交'], not_sent: ['NOT sent: {why}', '未提交：{why}'],
    nothing_entered: ['nothing was entered', '没有内容'], ice_incomplete: ['ICE needs all ten answers', 'ICE 需完成全部十项'], o2_incomplete: ['say which oxygen device', '请选择给氧方式'],
    ice_all: ['All ten right', '十项全对'], ice_left: ['{n} left', '还剩 {n} 项'], ice_or: ['Or', '或'], unarousable: ['cannot be roused', '无法唤醒'], right: ['right', '对'], wrong: ['wrong', '错'],
    'ice.year': ['Year', '年份'], 'ice.month': ['Month', '月份'], 'ice.city': ['City', '城市'], 'ice.hospital': ['Hospital', '医院'], 'ice.name1': ['Names object 1', '命名物品1'],
    'ice.name2': ['Names object 2', '命名物品2'], 'ice.name3': ['Names object 3', '命名物品3'], 'ice.command': ['Follows a command', '执行指令'], 'ice.sentence': ['Writes a sentence', '书写句子'], 'ice.attention': ['Counts back from 100 by 10', '从100倒数（每次减10）'],
    consciousness: ['Consciousness', '意识'], 'acvpu.A': ['alert', '清醒'], 'acvpu.C': ['new confusion', '新发意识混乱'], 'acvpu.V': ['to voice', '对声音有反应'], 'acvpu.P': ['to pain', '对疼痛有反应'], 'acvpu.U': ['unresponsive', '无反应'],
    oxygen: ['Oxygen', '给氧'], device: ['Device', '方式'], flow: ['Flow', '流量'], symptoms: ['Symptoms', '症状'], medicines: ['Medicines', '用药'], given_now: ['Given now', '刚刚给药'],
    flags: ['Flags', '标记'], flags_on: ['Put', '设置'], flags_off: ['Withdraw', '撤销'],
    'o2.room_air': ['room air', '空气'], 'o2.nasal_cannula': ['nasal cannula', '鼻导管'], 'o2.simple_mask': ['simple mask', '普通面罩'], 'o2.non_rebreather': ['non-rebreather', '储氧面罩'], 'o2.venturi': ['Venturi mask', '文丘里面罩'],
    'o2.hfnc': ['high flow', '高流量'], 'o2.cpap': ['CPAP', 'CPAP'], 'o2.bipap': ['BiPAP', 'BiPAP'], 'o2.invasive_vent': ['ventilator', '有创通气'], 'o2.unknown': ['unknown', '未知'],
    'symptom.urticaria': ['hives', '荨麻疹'], 'symptom.flushing': ['flushing', '潮红'], 'symptom.itch': ['itch', '瘙痒'], 'symptom.angioedema': ['angioedema', '血管性水肿'], 'symptom.wheeze': ['wheeze', '喘鸣'],
    'symptom.stridor': ['stridor', '喉鸣'], 'symptom.dyspnoea': ['short of breath', '呼吸困难'], 'symptom.voice_change': ['voice changed', '声音改变'], 'symptom.gi_severe': ['severe belly symptoms', '严重胃肠症状'],
    'symptom.syncope': ['fainted', '晕厥'], 'symptom.rigors': ['rigors', '寒战'], 'symptom.headache': ['headache', '头痛'], 'symptom.word_finding': ['trouble finding words', '找词困难'],
    'medicine.paracetamol': ['paracetamol', '对乙酰氨基酚'], 'medicine.metamizole': ['metamizole', '安乃近'], 'medicine.nsaid': ['NSAID', '非甾体抗炎药'], 'medicine.corticosteroid': ['corticosteroid', '糖皮质激素'],
    'medicine.tocilizumab': ['tocilizumab', '托珠单抗'], 'medicine.antibiotic': ['antibiotic', '抗生素'],
    'flag.fever_other_cause': ['fever: other cause', '发热：其他原因'], 'flag.hypotension_other_cause': ['low pressure: other cause', '低血压：其他原因'], 'flag.hypoxia_other_cause': ['low oxygen: other cause', '低氧：其他原因'],
    'flag.home_cpap': ['CPAP at home', '家用CPAP'], 'flag.airway_only': ['tube for the airway only', '仅气道保护'], 'flag.scale2': ['NEWS2 SpO2 scale 2', 'NEWS2血氧量表2'], 'flag.sedated': ['sedated', '镇静'],
    'flag.anc_expected_lt500': ['ANC expected below 500', '预计ANC<500'], 'flag.allergen_probable': ['allergen probable', '可能接触过敏原'], 'flag.crs_resolving': ['CRS resolving', 'CRS缓解中'], 'flag.crs_closed': ['CRS over', 'CRS结束'],
    'flag.irr_resolved': ['infusion reaction over', '输注反应结束'], 'flag.fn_treated': ['antibiotic given', '已用抗生素'], 'flag.comfort_care': ['comfort care (physician)', '舒适医疗（医生）'],

    // signals
    'signal.hr': ['Pulse', '心率'], 'signal.rr': ['Breaths', '呼吸'], 'signal.spo2': ['SpO2', 'SpO2'], 'signal.bp': ['Pressure', '血压'], 'signal.sbp': ['Systolic', '收缩压'], 'signal.dbp': ['Diastolic', '舒张压'], 'signal.map': ['Mean pressure', '平均动脉压'],
    'signal.temp': ['Temp.', '体温'], 'signal.o2': ['oxygen', '给氧'], 'signal.acvpu': ['ACVPU', 'ACVPU'], 'signal.crp': ['CRP', 'CRP'], 'signal.ferritin': ['Ferritin', '铁蛋白'], 'signal.plt': ['Platelets', '血小板'],
    'signal.wbc': ['WBC', '白细胞'], 'signal.anc': ['ANC', '中性粒细胞'], 'signal.hb': ['Hb', '血红蛋白'], 'signal.creat': ['Creatinine', '肌酐'], 'signal.ldh': ['LDH', 'LDH'], 'signal.fibrinogen': ['Fibrinogen', '纤维蛋白原'],
    'signal.k': ['K', '钾'], 'signal.na': ['Na', '钠'], 'signal.lactate': ['Lactate', '乳酸'], 'signal.glucose': ['Glucose', '血糖'], 'signal.il6': ['IL-6', 'IL-6'],

    // patient
    history: ['History', '历史'], history_of: ['History of bed {bed}', '{bed}床历史'], back: ['← Board', '← 看板'], patient: ['Patient', '患者'], chart: ['Chart', '图表'], table: ['Table', '表格'], print: ['Print', '打印'], csv: ['CSV', 'CSV'],
    from: ['From', '自'], to: ['To', '至'], all: ['Whole stay', '全程'], 'range.6': ['6 h', '6 小时'], 'range.24': ['24 h', '24 小时'], 'range.72': ['3 days', '3 天'], 'range.168': ['7 days', '7 天'], 'range.720': ['30 days', '30 天'],
    zoom_in: ['Zoom in', '放大'], zoom_out: ['Zoom out', '缩小'], earlier: ['Earlier', '更早'], later: ['Later', '更晚'], to_now: ['Now', '现在'], infusion: ['infusion', '输注'], lymphodepletion: ['lymphodepletion', '清淋'], vasopressor: ['Pressors', '升压药'], seizure: ['SEIZURE', '癫痫发作'], admitted: ['admitted', '入院'],
    vitals: ['Vital signs', '生命体征'], labs: ['Laboratory', '化验'], assessments: ['Scores', '评分'], alerts: ['Alerts', '警报'], no_alerts: ['No alert in this time.', '此时段无警报。'], nothing_here: ['nothing recorded', '无记录'],
    chart_keys: ['Arrow keys move, + and − zoom, Home shows the whole stay, End shows now. Drag to select a time, Shift and drag to move.', '方向键移动，+/− 缩放，Home 全程，End 现在。拖动选择时段，Shift+拖动平移。'],
    time: ['Time', '时间'], lowest: ['lowest', '最低'], highest: ['highest', '最高'], mean: ['mean', '平均'], count: ['values', '数量'], cut: ['Not all could be loaded: choose a shorter time.', '数据过多未全部加载：请选择更短时段。'],
    charted_missing: ['what was charted', '护理与治疗记录'], no_answer: ['Not loaded: {why}', '未加载：{why}'], owner: ['Owner', '负责人'], steps: ['Each line: {step}', '每行：{step}'],
    why: ['Why did this fire?', '为何触发？'], evidence: ['Evidence', '依据'], no_evidence: ['No single value: it rests on what did not come.', '无单项数值：基于缺失的数据。'], facts: ['Facts', '详情'], changes: ['Changes', '变更'],
    onset: ['Onset (measured)', '起始（测量时间）'], raised: ['Raised', '触发'], severity: ['Severity', '级别'], peak: ['Highest so far', '最高级别'], missing: ['Missing', '缺失'], when_raised: ['Scores when raised', '触发时评分'],
    fever_masked: ['Fever may be masked', '发热可能被掩盖'], rule: ['Rule', '规则'], protocol: ['Protocol', '方案'], reference: ['Reference', '参考'], no_history: ['The history was not loaded: {why}', '历史未加载：{why}'],
};
