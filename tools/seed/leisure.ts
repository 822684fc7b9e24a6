import type { Category } from './vocabulary.ts';

const digital: Category = {
  slug: 'digital',
  name: '数码配件',
  colours: ['#a7b4ff', '#4453c4'],
  kinds: [
    {
      styles: '磁吸 快充 便携 双口',
      nouns: '充电器 充电宝 无线充电座 车载充电器',
      subtitles: '手机平板通用 过充过热自动保护',
      yuan: [49, 199],
      specs: { 颜色: '雪白 深空灰' },
    },
    {
      styles: '编织 液态硅胶 加长',
      nouns: 'Type-C数据线 USB4数据线 Lightning快充线 HDMI高清线',
      subtitles: '抗弯折两万次 不缠绕，好收纳',
      yuan: [15, 59],
      specs: { 长度: '1米 2米*1.4', 颜色: '黑色 白色 天蓝' },
    },
    {
      styles: '主动降噪 游戏低延迟 长续航',
      nouns: '蓝牙耳机 头戴式耳机 运动耳机 颈挂式耳机',
      subtitles: '单次续航八小时 通话清晰，佩戴无感',
      yuan: [89, 399],
      specs: { 颜色: '曜黑 珍珠白 薄荷绿' },
    },
    {
      styles: '静音 双模无线 人体工学',
      nouns: '鼠标 机械键盘 键鼠套装',
      subtitles: '久用不累手 即插即用，多系统兼容',
      yuan: [49, 259],
      specs: { 颜色: '黑色 白色' },
    },
    {
      styles: '铝合金 可折叠 桌面',
      nouns: '笔记本支架 手机支架 平板支架 耳机支架',
      subtitles: '稳固不晃，角度可调 抬高视线，护颈椎',
      yuan: [29, 119],
      specs: { 颜色: '银色 深灰' },
    },
  ],
};

const pet: Category = {
  slug: 'pet',
  name: '宠物生活',
  colours: ['#cfe8b4', '#6fa03c'],
  kinds: [
    {
      styles: '无谷 低敏 冻干双拼 鲜肉烘焙',
      nouns: '成猫粮 幼猫粮 小型犬粮 老年犬粮',
      subtitles: '适口性好，不挑食 肉含量高，好消化',
      yuan: [39, 159],
      specs: { 规格: '1.5kg 3kg*1.85 8kg*4.5' },
    },
    {
      styles: '主食级 高汤 无诱食剂',
      nouns: '猫罐头 猫条 犬用餐包 猫用餐包',
      subtitles: '真肉看得见 补水又补肉',
      yuan: [19, 69],
      specs: { 口味: '鸡肉 金枪鱼*1.05 三文鱼*1.1', 规格: '6份 12份*1.9' },
    },
    {
      styles: '无尘 除臭 快速结团',
      nouns: '豆腐猫砂 膨润土猫砂 混合猫砂',
      subtitles: '结团紧实，不粘底 锁味不扬尘',
      yuan: [19, 59],
      specs: { 规格: '单包 四包*3.6 八包*6.8' },
    },
    {
      styles: '耐咬 互动 剑麻编织',
      nouns: '磨牙玩具 逗猫球 绳结玩具 猫抓板',
      subtitles: '消耗精力，不拆家 结实不掉屑',
      yuan: [15, 59],
      specs: { 尺码: '小号 大号*1.4' },
    },
    {
      styles: '四季通用 可拆洗 加厚',
      nouns: '宠物窝 猫垫 狗垫 宠物毯',
      subtitles: '毛孩子的快乐角落 机洗不变形',
      yuan: [29, 129],
      specs: { 尺码: '小号 中号*1.3 大号*1.6' },
    },
  ],
};

const stationery: Category = {
  slug: 'stationery',
  name: '文具手账',
  colours: ['#d7c9f2', '#7d5bbe'],
  kinds: [
    {
      styles: '速干 大容量 顺滑 莫兰迪色',
      nouns: '中性笔 荧光笔 钢笔 马克笔 签字笔',
      subtitles: '顺滑不断墨 学生考试常备',
      yuan: [9, 39],
      specs: { 规格: '3支 10支*2.8' },
    },
    {
      styles: '活页 布面 点阵 加厚',
      nouns: '笔记本 手账本 日程本 错题本',
      subtitles: '纸张厚实不洇墨 平摊好书写',
      yuan: [15, 59],
      specs: { 规格: 'A5 B5*1.25', 颜色: '墨绿 浅杏 藏蓝' },
    },
    {
      styles: '复古 和纸 烫金 四季主题',
      nouns: '胶带 贴纸包 便签 手账素材纸',
      subtitles: '装饰手账，灵感不断 可撕可贴，不留胶',
      yuan: [9, 35],
      specs: { 款式: '森林 海洋 星空' },
    },
    {
      styles: '帆布 大容量 透明 防泼水',
      nouns: '笔袋 文件袋 文具收纳包 试卷袋',
      subtitles: '开学季必备 轻便耐用',
      yuan: [12, 45],
      specs: { 颜色: '灰蓝 卡其 樱粉' },
    },
  ],
};

export const leisure: readonly Category[] = [digital, pet, stationery];
